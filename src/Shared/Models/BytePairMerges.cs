namespace Tpo.Shared.Models;

/// <summary>Merges pairs of tokens, lowest rank first and leftmost among equals, until none is left. Time is n·log n, so no input is a trap.</summary>
internal sealed class BytePairMerges(int[] idOfByte, IReadOnlyDictionary<(int Left, int Right), (int Rank, int Id)> merges)
{
    public int[] Merge(ReadOnlySpan<byte> word)
    {
        if (word.Length == 1)
            return [idOfByte[word[0]]];
        var ids = new int[word.Length];
        var next = new int[word.Length];
        var previous = new int[word.Length];
        for (var i = 0; i < word.Length; i++)
            (ids[i], next[i], previous[i]) = (idOfByte[word[i]], i + 1, i - 1);

        // A queued pair is stale once either side has merged with another; it is recognised by its ids having changed.
        var queue = new PriorityQueue<(int Left, int LeftId, int RightId, int Id), (int Rank, int Position)>();
        for (var i = 0; i < word.Length - 1; i++)
            Offer(i);
        while (queue.TryDequeue(out var pair, out _))
        {
            var left = pair.Left;
            var right = next[left];
            if (ids[left] != pair.LeftId || right >= word.Length || ids[right] != pair.RightId)
                continue;
            ids[left] = pair.Id;
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] < word.Length)
                previous[next[left]] = left;
            if (previous[left] >= 0)
                Offer(previous[left]);
            Offer(left);
        }
        return ids.Where(id => id >= 0).ToArray();

        void Offer(int left)
        {
            var right = next[left];
            if (right < ids.Length && merges.TryGetValue((ids[left], ids[right]), out var merge))
                queue.Enqueue((left, ids[left], ids[right], merge.Id), (merge.Rank, left));
        }
    }
}
