using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// The ways on which the serving engine comes to an answer: the video's keys and values from an earlier question, and questions side by side.
/// Each must give the reference's logits and greedy tokens, as the plain way does.
/// </summary>
internal sealed class ServingPaths(Decoder decoder, TextEmbedder text, CheckpointConfig config, ModelQuestion question)
{
    /// <summary>The logits behind the rows after the video, and the greedy tokens, on each way.</summary>
    /// <param name="prompt">the whole prompt's rows [T · d]</param>
    public IEnumerable<OtherWay> Answers(float[] prompt)
    {
        int[] turn = [.. question.InputIds[(Array.IndexOf(question.InputIds, Model.PlainSequence.VideoToken) + 1)..].Select(id => (int)id)];
        int[] other = [.. turn.Reverse().Append(turn[0])];
        int shared = prompt.Length / config.HiddenSize - turn.Length;
        using KeyValueCache cache = decoder.NewCache(shared + 2 * turn.Length + other.Length + 3 * question.Greedy.Count);
        decoder.Append(cache, prompt.AsMemory(0, shared * config.HiddenSize), default);

        decoder.Append(cache, text.Embed(other), default, branch: 1);
        cache.Rewind(shared);
        float[] again = decoder.AppendAndScore(cache, text.Embed(turn), branch: 1);
        yield return new OtherWay("prefix reused", Rows(again), Continue(cache, [1], LastRow(again))[0]);

        if (!decoder.TakesBranches)
            yield break;
        cache.Rewind(shared);
        int[] branches = [.. Branch(1, turn.Length), .. Branch(2, other.Length), .. Branch(3, turn.Length)];
        float[] all = decoder.Append(cache, text.Embed([.. turn, .. other, .. turn]), branches, [.. Enumerable.Range(0, branches.Length)], default);
        float[] first = all[..again.Length], third = all[^again.Length..];
        IReadOnlyList<int>[] greedy = Continue(cache, [1, 2, 3], [.. LastRow(first), .. LastRow(all[..^again.Length]), .. LastRow(third)]);
        yield return new OtherWay("batched", Rows(first), greedy[0]);
        yield return new OtherWay("batched behind others", Rows(third), greedy[2]);
    }

    /// <summary>As many likeliest tokens as the reference has, for all branches in one run each.</summary>
    private IReadOnlyList<int>[] Continue(KeyValueCache cache, int[] branches, float[] logits)
    {
        List<int>[] tokens = [.. branches.Select(_ => new List<int>())];
        while (true)
        {
            for (var i = 0; i < branches.Length; i++)
                tokens[i].Add(TokenSampler.Likeliest(logits.AsSpan(i * config.VocabularySize, config.VocabularySize)));
            if (tokens[0].Count == question.Greedy.Count)
                return tokens;
            logits = decoder.Append(cache, text.Embed([.. tokens.Select(answer => answer[^1])]), branches, [.. Enumerable.Range(0, branches.Length)], default);
        }
    }

    private float[] LastRow(float[] logits) => logits[^config.VocabularySize..];

    private TensorValues Rows(float[] values) => TensorValues.Of([values.Length / config.VocabularySize, config.VocabularySize], values);

    private static IEnumerable<int> Branch(int number, int tokens) => Enumerable.Repeat(number, tokens);
}
