using System.Diagnostics;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches.Serving;

/// <summary>
/// What questions about one video cost: the first, which encodes it; nine more behind it, in one call; single ones behind that. Each of the ten
/// rounds begins with another question, so every token that came with reuse is compared with the one that came without.
/// </summary>
internal sealed class QuestionCosts : IDisposable
{
    private const int Rounds = BenchQuestions.Count, Singles = 3;
    private const int ChoiceTokens = 2, OpenTokens = 16;

    private readonly VideoLanguageModel _model;
    private readonly string _name;
    private readonly string[] _questions;
    private readonly int _video;

    public QuestionCosts(ServedModel served)
    {
        _name = served.Name;
        var tokenizer = Tokenizer.Load(served.Folder);
        _questions = BenchQuestions.For(tokenizer);
        // Memory for one video and ten open answers: a second video drives the first one out.
        using var vision = new VisionEncoder(ExportedModel.Open(served.Folder), served.Config, new ServingOptions());
        _video = vision.TokensOf(BenchVideo.FrameCount);
        var rows = ChatTemplate.Prefix(tokenizer).Length + _video
            + _questions.Sum(question => ChatTemplate.Turn(tokenizer, question).Length + OpenTokens);
        _model = VideoLanguageModel.Load(served.Folder, served.Name, new ServingOptions { Threads = 1, CacheBytes = KeyValueCache.BytesFor(served.Config, rows) });
    }

    /// <summary>Multiple choice about the video, open questions about the same frames backwards, in turns.</summary>
    public async Task<(Costs Choice, Costs Open)> MeasureAsync(BenchVideo video, CancellationToken cancellation)
    {
        var decoding = new List<double>();
        IReadOnlyList<RgbFrame> frames = [];
        for (var round = 0; round < Rounds; round++)
        {
            (frames, var seconds) = await video.DecodeAsync(_model.Recipe, cancellation);
            decoding.Add(seconds);
        }
        IReadOnlyList<RgbFrame> backwards = [.. frames.Reverse()];
        // What is compiled and read at the first use belongs to no question.
        await _model.AnswerAsync(frames.Take(2).ToList(), _questions[..2], new GenerationOptions(ChoiceTokens), cancellation);

        var (choice, open) = (new Costs(decoding), new Costs(decoding));
        for (var round = 0; round < Rounds; round++)
        {
            await RoundAsync(choice, frames, ChoiceTokens, round, cancellation);
            await RoundAsync(open, backwards, OpenTokens, round, cancellation);
        }
        Tell("multiple choice", ChoiceTokens, choice);
        Tell("open", OpenTokens, open);
        return (choice, open);
    }

    private async Task RoundAsync(Costs costs, IReadOnlyList<RgbFrame> frames, int tokens, int round, CancellationToken cancellation)
    {
        string[] order = [.. _questions[round..], .. _questions[..round]];
        var before = _model.Counters;
        var one = await AskAsync(order[..1]);
        Expect(before.FramesEncoded + frames.Count, before.VideoHits, "The first question of a round");
        var nine = await AskAsync(order[1..]);
        var singles = new List<double>();
        foreach (var question in order[^Singles..])
            singles.Add(await AskAsync([question]));
        Expect(before.FramesEncoded + frames.Count, before.VideoHits + 1 + Singles, "A question about a remembered video");
        costs.Add(one, nine, singles);
        Console.WriteLine($"  {_name}, {tokens} tokens, round {round + 1} of {Rounds}: one {one:F3} s, nine more {nine:F3} s, single ones {Spread(singles, "F3")} s");

        async Task<double> AskAsync(string[] questions)
        {
            var clock = Stopwatch.StartNew();
            var answers = await _model.AnswerAsync(frames, questions, new GenerationOptions(tokens), cancellation);
            var seconds = clock.Elapsed.TotalSeconds;
            foreach (var (question, answer) in questions.Zip(answers))
                costs.Check(question, answer.Tokens);
            return seconds;
        }

        void Expect(long encoded, long hits, string what)
        {
            if ((_model.Counters.FramesEncoded, _model.Counters.VideoHits) != (encoded, hits))
                throw new CliFailure($"{what} was to find {encoded} frames encoded and {hits} videos remembered in all, and the model counts "
                    + $"{_model.Counters.FramesEncoded} and {_model.Counters.VideoHits}. The times would say nothing.");
        }
    }

    private void Tell(string kind, int tokens, Costs costs)
    {
        var what = $"{_name}, {_video} tokens of video, {kind} ({tokens} new tokens, {costs.MeanTokens:F1} written), {Rounds} rounds";
        ServingBench.Row($"{what}: one question, ten, a follow-up", $"{Spread(costs.One, "F3")} s, {Spread(costs.Ten, "F3")} s, {Spread(costs.FollowUp, "F3")} s");
        ServingBench.Row($"the same: ten against one, a follow-up against no reuse; tokens identical, {costs.DifferentAnswers} different answers", $"{Spread(costs.TenVsOne)} times, {Spread(costs.SpeedUp, "F1")} times as fast");
        ServingBench.Row("the same with ffmpeg's part: seconds of ffmpeg, ten against one, a follow-up against no reuse",
            $"{Spread(costs.Decoding)} s, {Spread(costs.TenVsOneWithDecoding)} times, {Spread(costs.SpeedUpWithDecoding, "F1")} times as fast");
    }

    public void Dispose() => _model.Dispose();
}

/// <summary>Seconds of every round, and the one answer that each question may have.</summary>
internal sealed class Costs(IReadOnlyList<double> decoding)
{
    private readonly Dictionary<string, IReadOnlyList<int>> _answers = [];

    public List<double> One { get; } = [];
    public List<double> Ten { get; } = [];
    public List<double> FollowUp { get; } = [];
    public IReadOnlyList<double> Decoding => decoding;
    public int DifferentAnswers => _answers.Values.Select(answer => string.Join(' ', answer)).Distinct().Count();
    public double MeanTokens => _answers.Values.Average(answer => answer.Count);

    public IEnumerable<double> TenVsOne => Ten.Zip(One, (ten, one) => ten / one);
    public IEnumerable<double> SpeedUp => One.Zip(FollowUp, (one, next) => one / next);
    public IEnumerable<double> TenVsOneWithDecoding => decoding.Zip(Ten.Zip(One), (ffmpeg, round) => (ffmpeg + round.First) / (ffmpeg + round.Second));
    public IEnumerable<double> SpeedUpWithDecoding => decoding.Zip(One.Zip(FollowUp), (ffmpeg, round) => (ffmpeg + round.First) / round.Second);

    public void Add(double one, double nineMore, IEnumerable<double> singles)
    {
        One.Add(one);
        Ten.Add(one + nineMore);
        FollowUp.Add(Median(singles));
    }

    /// <exception cref="CliFailure">the question was answered with other tokens before</exception>
    public void Check(string question, IReadOnlyList<int> tokens)
    {
        if (_answers.TryAdd(question, tokens) || _answers[question].SequenceEqual(tokens))
            return;
        throw new CliFailure($"'{question}' was answered with the tokens {string.Join(' ', _answers[question])} and then with {string.Join(' ', tokens)}: reuse changes answers.");
    }
}
