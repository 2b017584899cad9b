using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>How likely a model is to go on like this. LogProbability = Σ ln p(token | everything before it), natural logarithm.</summary>
public sealed record ContinuationScore(string Continuation, double LogProbability, IReadOnlyList<double> TokenLogProbabilities);

/// <summary>Scoring: what the model thinks of given answers (multiple choice by likelihood, checks).</summary>
public sealed partial class VideoLanguageModel
{
    /// <summary>Logits are 600 KB a token with a vocabulary of 152,000, so a long continuation's are not all there at once.</summary>
    private const int ScoredAtOnce = 64;

    /// <summary>
    /// The log-probability of each continuation as the answer's beginning. The question is read once, the continuations branch behind it.
    /// </summary>
    /// <exception cref="ArgumentException">an empty question or continuation, no frames, or more tokens than context or memory hold</exception>
    public Task<IReadOnlyList<ContinuationScore>> ScoreAsync(
        IReadOnlyList<RgbFrame> frames, string question, IReadOnlyList<string> continuations, CancellationToken cancellation = default)
    {
        var turn = Turns([question])[0];
        RequireFrames(frames);
        for (var i = 0; i < continuations.Count; i++)
            Require(continuations[i].Length > 0, $"Continuation {i} is empty: it has no probability.", nameof(continuations));
        // Text is tokenised as one piece, so a continuation may change the tokens before it: the shared part ends where the first one differs.
        int[][] whole = [.. continuations.Select(text => ChatTemplate.Turn(_tokenizer, question, begun: text))];
        int[] firsts = [.. whole.Select(tokens => tokens.AsSpan().CommonPrefixLength(turn))];
        var shared = firsts.Append(turn.Length).Min();
        var branches = whole.Select((tokens, i) => new Branch(continuations[i], tokens[shared..], firsts[i] - shared)).ToArray();
        return InTurnAsync(() => Score(frames, turn[..shared], branches, cancellation), cancellation);
    }

    /// <summary>What stands behind the shared part; the score counts the tokens from First on.</summary>
    private sealed record Branch(string Continuation, int[] Tokens, int First);

    private IReadOnlyList<ContinuationScore> Score(IReadOnlyList<RgbFrame> frames, int[] question, Branch[] branches, CancellationToken cancellation)
    {
        var scores = new List<ContinuationScore>(branches.Length);
        var shared = _system.Length + _vision.TokensOf(frames.Count);
        // A continuation's last token is asked about, not read; the budget counts it as the one new token.
        foreach (var group in Groups(frames.Count, shared + question.Length, [.. branches.Select(branch => branch.Tokens.Length)], new GenerationOptions(MaxNewTokens: 1)))
        {
            var video = Remember(frames, shared + question.Length + branches[group].Sum(branch => branch.Tokens.Length), cancellation);
            var first = _decoder.Append(video.Cache, _text.Embed(question), cancellation);
            var behind = new Queue<double>(Behind(video.Cache, branches[group], cancellation));
            foreach (var branch in branches[group])
            {
                double[] each = [LogProbability(first, branch.Tokens[0]), .. branch.Tokens.Skip(1).Select(_ => behind.Dequeue())];
                each = each[branch.First..];
                scores.Add(new ContinuationScore(branch.Continuation, each.Sum(), each));
            }
        }
        return scores;
    }

    /// <summary>
    /// ln p of every branch's second token, third token and so on, branch by branch. A piece's logits [P, vocabulary] are there at a time,
    /// whatever the number of tokens.
    /// </summary>
    private IEnumerable<double> Behind(KeyValueCache cache, Branch[] branches, CancellationToken cancellation)
    {
        var steps = branches.SelectMany((branch, i) => branch.Tokens.Zip(branch.Tokens.Skip(1), (read, asked) => (Place: i + 1, Read: read, Asked: asked)));
        foreach (var piece in steps.Chunk(ScoredAtOnce))
        {
            int[] read = [.. piece.Select(step => step.Read)];
            var logits = _decoder.Append(cache, _text.Embed(read), [.. piece.Select(step => step.Place)], [.. Enumerable.Range(0, piece.Length)], cancellation);
            for (var i = 0; i < piece.Length; i++)
                yield return LogProbability(logits.AsSpan(i * Config.VocabularySize, Config.VocabularySize), piece[i].Asked);
        }
    }

    /// <summary>ln softmax(logits)[token] = x_token − max − ln Σ exp(x − max), in double.</summary>
    private static double LogProbability(ReadOnlySpan<float> logits, int token)
    {
        var max = System.Numerics.Tensors.TensorPrimitives.Max(logits);
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - max);
        return logits[token] - max - Math.Log(sum);
    }
}
