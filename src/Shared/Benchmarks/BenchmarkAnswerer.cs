using System.Diagnostics;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// Asks one model all questions about one video, so that its frames are decoded and encoded once. Answers are handed over a few questions at a time: whoever
/// stores them loses no more than that to a kill, and asks the rest again in the same company, so that they are the same.
/// </summary>
public sealed class BenchmarkAnswerer(TpoStorage storage, BenchmarkModels models, TpoSettings settings)
{
    /// <summary>Questions that are asked side by side, and stored together.</summary>
    public const int QuestionsAtOnce = 8;

    /// <summary>Benchmarks have clips that are too short for curation.</summary>
    private readonly VideoProbe _probe = new(settings with { MinVideoSeconds = 0 });

    /// <param name="kept">the shard's lines that are stored already: their questions are not asked again</param>
    /// <param name="store">takes all lines so far, in the plan's order, a line a question; a video that is missing or unusable gives lines with the reason</param>
    /// <exception cref="InvalidDataException">The model changed since the run was asked for.</exception>
    public async Task AnswerAsync(
        BenchmarkPlan plan, BenchmarkShard shard, IReadOnlyList<StoredAnswer> kept, Func<IReadOnlyList<StoredAnswer>, Task> store, CancellationToken cancellation)
    {
        var lines = kept.ToDictionary(line => line.QuestionId, StringComparer.Ordinal);
        var questions = plan.QuestionsOf(shard);
        Task Keep(IEnumerable<StoredAnswer> more)
        {
            foreach (var line in more)
                lines[line.QuestionId] = line;
            return store([.. questions.Where(question => lines.ContainsKey(question.Id)).Select(question => lines[question.Id])]);
        }

        var groups = Groups(questions).Where(group => !group.All(question => lines.ContainsKey(question.Id))).ToList();
        if (groups.Count == 0)
            return;
        using var model = await OpenAsync(plan, shard, cancellation);
        try
        {
            if (shard.WithoutVideo == true)
                foreach (var group in groups)
                    await Keep(await AskAsync(model, plan, shard, group, null, cancellation));
            else
                await SeeAndAnswerAsync(model, plan, shard, groups, Keep, cancellation);
        }
        catch (BadVideoException e)
        {
            await Keep(plan.Unanswered(shard, e.Message).Where(line => !lines.ContainsKey(line.QuestionId)));
        }
    }

    /// <summary>Questions that see the same part of the video, a few at a time: always the same ones together.</summary>
    private static IEnumerable<IReadOnlyList<BenchmarkQuestion>> Groups(IReadOnlyList<BenchmarkQuestion> questions) =>
        questions.GroupBy(question => question.Part).SelectMany(part => part.Chunk(QuestionsAtOnce));

    private async Task SeeAndAnswerAsync(
        IBenchmarkModel model, BenchmarkPlan plan, BenchmarkShard shard, List<IReadOnlyList<BenchmarkQuestion>> groups, Func<IEnumerable<StoredAnswer>, Task> keep,
        CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var path = Path.Combine(settings.WorkFolder, "benchmarks", $"{Guid.NewGuid():N}.bin");
        try
        {
            var video = await FetchAsync(plan.Suite, groups[0][0], path, cancellation);
            string? subtitles = plan.Rules().Protocol.Subtitles is null
                ? null : await storage.TryReadTextAsync(Containers.Benchmarks, BenchmarkSuites.SubtitleBlob(plan.Suite, groups[0][0].VideoId), cancellation);
            Seen? seen = null;
            foreach (var group in groups)
            {
                if (seen is null || seen.Part != group[0].Part)
                    seen = await LookAsync(model, video, path, group[0].Part, plan.Frames, cancellation) with { Subtitles = subtitles };
                seen = seen with { DecodeSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
                await keep(await AskAsync(model, plan, shard, group, seen, cancellation));
                started = Stopwatch.GetTimestamp();
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <exception cref="BadVideoException">It is not there, or no video that can be used.</exception>
    private async Task<VideoAsset> FetchAsync(string suite, BenchmarkQuestion question, string path, CancellationToken cancellation)
    {
        var blob = BenchmarkSuites.VideoBlob(suite, question.VideoPath);
        if (!await storage.ExistsAsync(Containers.Benchmarks, blob, cancellation))
            throw new BadVideoException($"The video '{Containers.Benchmarks}/{blob}' does not exist.");
        await storage.DownloadAsync(Containers.Benchmarks, blob, path, cancellation);
        return await _probe.ProbeAsync(path, blob, cancellation: cancellation);
    }

    /// <summary>The frames that questions about a part of the video see, the whole where they name none.</summary>
    private static async Task<Seen> LookAsync(IBenchmarkModel model, VideoAsset video, string path, TimeSpanSeconds? part, int count, CancellationToken cancellation)
    {
        var clock = FrameClock.Constant(video.FrameCount, video.FramesPerSecond);
        FramePlan frames;
        try
        {
            frames = part is null ? FramePlanner.Uniform(clock, count) : FramePlanner.Segment(part, clock, count);
        }
        catch (ArgumentException e) when (part is not null)
        {
            throw new BadVideoException($"The annotations ask about a part that the video does not have. {e.Message}");
        }
        return new Seen(video, part, frames, await model.FramesAsync(path, video, frames, cancellation));
    }

    /// <param name="seen">null where the model sees no frames</param>
    private static async Task<IReadOnlyList<StoredAnswer>> AskAsync(
        IBenchmarkModel model, BenchmarkPlan plan, BenchmarkShard shard, IReadOnlyList<BenchmarkQuestion> questions, Seen? seen, CancellationToken cancellation)
    {
        var protocol = plan.Rules().Protocol;
        string[] prompts = [.. questions.Select(question => protocol.Prompt(seen is null ? question : seen.WithSubtitles(question, protocol, plan.Frames)))];
        var options = new GenerationOptions(plan.MaxNewTokens, Temperature: 0, plan.Seed);
        var answers = await model.AskAsync(seen?.Pictures, prompts, options, cancellation);
        return [.. questions.Select((question, i) => plan.Line(shard, question) with
        {
            Prompt = prompts[i],
            Raw = answers[i].Text,
            Letter = protocol.Read(question, answers[i].Text).Said,
            PromptTokens = answers[i].PromptTokens,
            GeneratedTokens = answers[i].GeneratedTokens,
            Truncated = answers[i].Truncated ? true : null,
            TokensPerFrame = seen is null ? null : model.TokensPerFrame,
            Seconds = answers[i].Seconds,
            Times = answers[i].Times,
            DecodeSeconds = i == 0 ? seen?.DecodeSeconds : null,
            VideoSha256 = seen?.Video.VideoId,
            VideoSeconds = seen?.Video.DurationSeconds,
            VideoFrames = seen?.Video.FrameCount,
            FrameIndices = seen?.Frames.Indices,
        })];
    }

    private async Task<IBenchmarkModel> OpenAsync(BenchmarkPlan plan, BenchmarkShard shard, CancellationToken cancellation)
    {
        var model = await models.OpenAsync(shard.ModelId, cancellation);
        var (found, expected) = (model.Revision, plan.RevisionOf(shard));
        if (found == expected)
            return model;
        model.Dispose();
        throw new InvalidDataException($"The model '{shard.ModelId}' changed during the run: it was {expected}, it is {found}. Start a new run.");
    }

    /// <summary>A part of a video as the model sees it.</summary>
    /// <param name="Part">null = the whole</param>
    private sealed record Seen(VideoAsset Video, TimeSpanSeconds? Part, FramePlan Frames, IReadOnlyList<RgbFrame> Pictures)
    {
        /// <summary>What fetching and decoding took, for the first answer that comes of it.</summary>
        public double? DecodeSeconds { get; init; }
        /// <summary>The text of the video's file of them; null where there is none, or the protocol asks without.</summary>
        public string? Subtitles { get; init; }

        public BenchmarkQuestion WithSubtitles(BenchmarkQuestion question, BenchmarkProtocol protocol, int frames) =>
            Subtitles is not { } text || protocol.Subtitles is not { } rule
                ? question : question with { Subtitles = string.Join('\n', rule(text, Video.FramesPerSecond, Video.FrameCount, frames)) };
    }
}
