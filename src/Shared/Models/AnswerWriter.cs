using System.Diagnostics;

namespace Tpo.Shared.Models;

/// <summary>A generated answer's tokens. Truncated: it reached its greatest length before its end.</summary>
internal sealed record WrittenAnswer(IReadOnlyList<int> Tokens, int PromptTokens, bool Truncated);

/// <summary>Writes answers side by side: each opening becomes a branch of the cache, and every run of the decoder gives each one its next token.</summary>
internal sealed class AnswerWriter(Decoder decoder, TextEmbedder text, IReadOnlySet<int> ends, CheckpointConfig config)
{
    public long TokensWritten { get; private set; }
    /// <summary>What reading openings took since this was made, and what writing tokens did.</summary>
    public double OpeningSeconds { get; private set; }
    public double TokenSeconds { get; private set; }

    /// <param name="openings">[T, d] each: what stands between the trunk and the answer</param>
    /// <param name="samplers">one for each opening</param>
    /// <param name="said">told of every token as it is written: opening, token</param>
    public IReadOnlyList<WrittenAnswer> Write(
        KeyValueCache cache, IReadOnlyList<float[]> openings, IReadOnlyList<TokenSampler> samplers, int maxNewTokens, Action<int, int>? said, CancellationToken cancellation)
    {
        var answers = openings.Select(_ => new List<int>()).ToArray();
        var truncated = new bool[openings.Count];
        var live = Enumerable.Range(0, openings.Count).ToList();
        var started = Stopwatch.GetTimestamp();
        var logits = Open(cache, openings, cancellation);
        OpeningSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
        started = Stopwatch.GetTimestamp();
        var prompts = live.Select(i => cache.Tree.Position(Branch(i))).ToArray();
        while (true)
        {
            var newest = new List<(int Answer, int Token)>();
            for (var row = 0; row < live.Count; row++)
            {
                var i = live[row];
                var token = samplers[i].Pick(logits.AsSpan(row * config.VocabularySize, config.VocabularySize));
                if (ends.Contains(token))
                    continue;
                answers[i].Add(token);
                TokensWritten++;
                said?.Invoke(i, token);
                if (answers[i].Count == maxNewTokens)
                    truncated[i] = true;
                else
                    newest.Add((i, token));
            }
            if (newest.Count == 0)
            {
                TokenSeconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
                return [.. answers.Select((tokens, i) => new WrittenAnswer(tokens, prompts[i], truncated[i]))];
            }
            live = [.. newest.Select(next => next.Answer)];
            logits = decoder.Append(cache, text.Embed([.. newest.Select(next => next.Token)]),
                [.. live.Select(Branch)], [.. Enumerable.Range(0, live.Count)], cancellation);
        }
    }

    /// <summary>All openings, one behind the other; the logits behind each one's last token.</summary>
    private float[] Open(KeyValueCache cache, IReadOnlyList<float[]> openings, CancellationToken cancellation)
    {
        var tokens = openings.Select(opening => opening.Length / config.HiddenSize).ToArray();
        var branches = tokens.SelectMany((count, i) => Enumerable.Repeat(Branch(i), count)).ToArray();
        var wanted = new int[tokens.Length];
        for (int i = 0, end = 0; i < tokens.Length; i++)
            wanted[i] = (end += tokens[i]) - 1;
        var rows = openings.Count == 1 ? openings[0] : [.. openings.SelectMany(opening => opening)];
        return decoder.Append(cache, rows, branches, wanted, cancellation);
    }

    private static int Branch(int opening) => opening + 1;
}
