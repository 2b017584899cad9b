using System.Numerics;

namespace Tpo.Shared.Models;

/// <summary>What the pair (Left, Right) becomes; a lower rank merges first.</summary>
internal readonly record struct Merge(int Left, int Right, int Rank, int Id);

/// <summary>Merges pairs of tokens, lowest rank first and leftmost among equals, until none is left. Time is n·log n, so no input is a trap.</summary>
internal sealed class BytePairMerges
{
    /// <summary>Up to here a scan over the whole word for its best pair is faster than a queue.</summary>
    private const int ShortWord = 64;
    private const int NoRank = int.MaxValue;

    private readonly int[] _idOfByte;
    // Open addressing at most half full: a look-up is one multiplication and mostly one comparison.
    private readonly (ulong Key, int Rank, int Id)[] _slots;
    private readonly int _shift;

    /// <param name="idOfByte">256 ids</param>
    /// <param name="merges">of a pair that is listed twice, the first counts</param>
    public BytePairMerges(int[] idOfByte, IReadOnlyCollection<Merge> merges)
    {
        _idOfByte = idOfByte;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * merges.Count));
        _slots = new (ulong, int, int)[size];
        Array.Fill(_slots, (ulong.MaxValue, NoRank, -1));
        _shift = 64 - BitOperations.Log2((uint)size);
        foreach (var merge in merges)
        {
            ref var slot = ref _slots[SlotOf(merge.Left, merge.Right)];
            if (slot.Id < 0)
                slot = (Key(merge.Left, merge.Right), merge.Rank, merge.Id);
        }
    }

    public int IdOf(byte value) => _idOfByte[value];

    /// <summary>The ids of one word's UTF-8 bytes.</summary>
    public int[] Merge(ReadOnlySpan<byte> word) => word.Length <= ShortWord ? MergeShort(word) : MergeLong(word);

    private int[] MergeShort(ReadOnlySpan<byte> word)
    {
        Span<int> ids = stackalloc int[ShortWord];
        Span<int> ranks = stackalloc int[ShortWord];
        Span<int> merged = stackalloc int[ShortWord];
        var count = word.Length;
        for (var i = 0; i < count; i++)
            ids[i] = _idOfByte[word[i]];
        for (var i = 0; i + 1 < count; i++)
            (ranks[i], merged[i]) = Look(ids[i], ids[i + 1]);
        while (count > 1)
        {
            var (best, at) = (NoRank, -1);
            for (var i = 0; i + 1 < count; i++)
            {
                if (ranks[i] < best)
                    (best, at) = (ranks[i], i);
            }
            if (at < 0)
                break;
            ids[at] = merged[at];
            count--;
            ids[(at + 2)..(count + 1)].CopyTo(ids[(at + 1)..]);
            ranks[(at + 2)..(count + 1)].CopyTo(ranks[(at + 1)..]);
            merged[(at + 2)..(count + 1)].CopyTo(merged[(at + 1)..]);
            if (at > 0)
                (ranks[at - 1], merged[at - 1]) = Look(ids[at - 1], ids[at]);
            if (at + 1 < count)
                (ranks[at], merged[at]) = Look(ids[at], ids[at + 1]);
        }
        return ids[..count].ToArray();
    }

    private int[] MergeLong(ReadOnlySpan<byte> word)
    {
        var ids = new int[word.Length];
        var next = new int[word.Length];
        var previous = new int[word.Length];
        for (var i = 0; i < word.Length; i++)
            (ids[i], next[i], previous[i]) = (_idOfByte[word[i]], i + 1, i - 1);

        // A queued pair is stale once either side has merged with another; it is recognised by its ids having changed.
        var queue = new PriorityQueue<(int Left, int LeftId, int RightId, int Id), (int Rank, int Position)>();
        for (var i = 0; i < word.Length - 1; i++)
            Offer(i);
        while (queue.TryDequeue(out var pair, out _))
        {
            var left = pair.Left;
            var right = next[left];
            if (ids[left] != pair.LeftId || right >= ids.Length || ids[right] != pair.RightId)
                continue;
            ids[left] = pair.Id;
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] < ids.Length)
                previous[next[left]] = left;
            if (previous[left] >= 0)
                Offer(previous[left]);
            Offer(left);
        }
        return ids.Where(id => id >= 0).ToArray();

        void Offer(int left)
        {
            var right = next[left];
            if (right < ids.Length && Look(ids[left], ids[right]) is var (rank, id) && rank != NoRank)
                queue.Enqueue((left, ids[left], ids[right], id), (rank, left));
        }
    }

    private (int Rank, int Id) Look(int left, int right)
    {
        ref readonly var slot = ref _slots[SlotOf(left, right)];
        return (slot.Rank, slot.Id);
    }

    /// <summary>The pair's slot, or the empty one where it would go.</summary>
    private int SlotOf(int left, int right)
    {
        var key = Key(left, right);
        var slot = (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);
        while (_slots[slot].Key != key && _slots[slot].Id >= 0)
            slot = (slot + 1) & (_slots.Length - 1);
        return slot;
    }

    private static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;
}
