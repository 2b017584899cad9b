using System.Diagnostics;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>How answers are made. Temperature 0 takes the likeliest token each time; otherwise the seed decides, among the likeliest that reach TopP.</summary>
public sealed record GenerationOptions(int MaxNewTokens = 64, double Temperature = 0, int Seed = 0, double TopP = 1);

/// <summary>
/// One answer. Truncated: it reached MaxNewTokens before its end. Seconds: its share of the time that it and the answers beside it took;
/// the first one's includes encoding what all share.
/// </summary>
public sealed record ModelAnswer(string Text, IReadOnlyList<int> Tokens, int PromptTokens, bool Truncated, double Seconds)
{
    /// <summary>Where the time of this answer and those written beside it went; on the first of them, where a video was asked about.</summary>
    public AnswerTimes? Times { get; init; }
    public int GeneratedTokens => Tokens.Count;
}

/// <summary>Seconds: the tower and projector, reading the video's and the questions' tokens, writing the answers' tokens.</summary>
public sealed record AnswerTimes(double Vision, double Prefill, double Tokens);

/// <summary>Answering: groups of questions that one copy of the video carries, and captions of single frames.</summary>
public sealed partial class VideoLanguageModel
{
    /// <summary>
    /// Answers every question about one video, in order. The same frames, questions and options give the same answers; other questions
    /// beside it move an answer's logits by no more than rounding does.
    /// </summary>
    /// <exception cref="ArgumentException">no frames, a frame of the wrong size, an empty question, or more tokens than context or memory hold</exception>
    public Task<IReadOnlyList<ModelAnswer>> AnswerAsync(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, GenerationOptions options, CancellationToken cancellation = default)
    {
        var turns = Turns(questions);
        RequireFrames(frames);
        return InTurnAsync(() => Answer(frames, questions, turns, options, said: null, cancellation), cancellation);
    }

    /// <summary>Asks the same about each frame alone (captions): answer i is what <see cref="AnswerAsync"/> says of frame i only.</summary>
    public Task<IReadOnlyList<ModelAnswer>> AnswerEachFrameAsync(
        IReadOnlyList<RgbFrame> frames, string question, GenerationOptions options, CancellationToken cancellation = default)
    {
        var turn = Turns([question])[0];
        if (frames.Count > 0)
            RequireFrames(frames);
        return InTurnAsync(() => AnswerEach(frames, question, turn, options, cancellation), cancellation);
    }

    /// <summary>Asks without any video, each question for itself: what a model says that sees nothing. A baseline, never an answer to a user.</summary>
    public Task<IReadOnlyList<ModelAnswer>> AnswerBlindAsync(
        IReadOnlyList<string> questions, GenerationOptions options, CancellationToken cancellation = default)
    {
        var turns = Turns(questions);
        return InTurnAsync(() => AnswerApart(turns.Length, 0, i => questions[i], i => turns[i].Length, i => _text.Embed(turns[i]), options, cancellation), cancellation);
    }

    private IReadOnlyList<ModelAnswer> Answer(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, int[][] turns, GenerationOptions options, Action<int, int>? said, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var shared = _system.Length + _vision.TokensOf(frames.Count);
        var answers = new List<ModelAnswer>(questions.Count);
        foreach (var group in Groups(frames.Count, shared, [.. turns.Select(turn => turn.Length)], options))
        {
            var (start, count) = group.GetOffsetAndLength(turns.Length);
            var before = Times;
            var video = Remember(frames, shared + turns[group].Sum(turn => turn.Length + options.MaxNewTokens), cancellation);
            var written = Write(video.Cache, [.. turns[group].Select(_text.Embed)], questions.Skip(start).Take(count), options, said, clock, cancellation).ToList();
            var after = Times;
            written[0] = written[0] with { Times = new(after.Vision - before.Vision, after.Prefill - before.Prefill, after.Tokens - before.Tokens) };
            answers.AddRange(written);
        }
        return answers;
    }

    /// <summary>Since the model was opened. One caller at a time computes, so that what happens between two looks is the caller's own.</summary>
    private AnswerTimes Times => new(_visionSeconds, _prefixSeconds + _writer.OpeningSeconds, _writer.TokenSeconds);

    private IReadOnlyList<ModelAnswer> AnswerEach(IReadOnlyList<RgbFrame> frames, string question, int[] turn, GenerationOptions options, CancellationToken cancellation)
    {
        float[] asked = _text.Embed(turn);
        var perFrame = _vision.TokensOf(1) + turn.Length;
        return AnswerApart(frames.Count, 1, _ => question, _ => perFrame, i => [.. _vision.Encode([frames[i]], cancellation), .. asked], options, cancellation);
    }

    /// <summary>Openings that share nothing but the system prompt, answered side by side in groups.</summary>
    /// <param name="frames">how many frames each has</param>
    /// <param name="rows">how many rows opening i takes</param>
    /// <param name="open">the rows themselves</param>
    private IReadOnlyList<ModelAnswer> AnswerApart(
        int count, int frames, Func<int, string> question, Func<int, int> rows, Func<int, float[]> open, GenerationOptions options, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var answers = new List<ModelAnswer>(count);
        KeyValueCache? cache = null;
        try
        {
            foreach (var group in Groups(frames, _system.Length, [.. Enumerable.Range(0, count).Select(rows)], options))
            {
                int[] members = [.. Enumerable.Range(0, count).Take(group)];
                var needed = _system.Length + members.Sum(i => rows(i) + options.MaxNewTokens);
                if (cache is null || cache.Capacity < needed)
                {
                    cache?.Dispose();
                    cache = null;
                    _videos.MakeRoom(needed);
                    cache = _decoder.NewCache(needed);
                    _decoder.Append(cache, _text.Embed(_system), cancellation);
                }
                cache.Rewind(_system.Length);
                answers.AddRange(Write(cache, [.. members.Select(open)], members.Select(question), options, said: null, clock, cancellation));
            }
        }
        finally
        {
            cache?.Dispose();
        }
        return answers;
    }

    private IEnumerable<ModelAnswer> Write(
        KeyValueCache cache, IReadOnlyList<float[]> openings, IEnumerable<string> questions, GenerationOptions options, Action<int, int>? said, Stopwatch clock, CancellationToken cancellation)
    {
        var before = clock.Elapsed.TotalSeconds;
        var written = _writer.Write(cache, openings, [.. questions.Select(question => new TokenSampler(options, question))],
            options.MaxNewTokens, said, cancellation);
        var share = (clock.Elapsed.TotalSeconds - before) / openings.Count;
        clock.Restart();
        return written.Select((answer, i) => new ModelAnswer(
            TextOf(answer.Tokens), answer.Tokens, answer.PromptTokens, answer.Truncated, share + (i == 0 ? before : 0)));
    }

    // A vocabulary is often padded behind the tokenizer's last id; such an id has no text.
    private string TextOf(IEnumerable<int> ids) => _tokenizer.Decode(ids.Where(id => id < _tokenizer.Size));
}
