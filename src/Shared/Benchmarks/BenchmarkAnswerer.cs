using System.Diagnostics;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>Asks one model all questions about one video, so that its frames are decoded and encoded once.</summary>
public sealed class BenchmarkAnswerer(TpoStorage storage, ModelHost models, FrameExtractor extractor, TpoSettings settings)
{
    /// <summary>Benchmarks have clips that are too short for curation.</summary>
    private readonly VideoProbe _probe = new(settings with { MinVideoSeconds = 0 });

    /// <returns>One line a question, in the plan's order; a video that is missing or unusable gives lines with the reason.</returns>
    /// <exception cref="InvalidDataException">The model changed since the run was asked for.</exception>
    public async Task<IReadOnlyList<StoredAnswer>> AnswerAsync(BenchmarkPlan plan, BenchmarkShard shard, CancellationToken cancellation)
    {
        var questions = Questions(plan, shard);
        if (shard.WithoutVideo == true)
            return await AnswerBlindAsync(plan, shard, questions, cancellation);
        var blob = BenchmarkSuites.VideoBlob(plan.Suite, questions[0].VideoPath);
        if (!await storage.ExistsAsync(Containers.Benchmarks, blob, cancellation))
            return Unanswered(plan, shard, $"The video '{Containers.Benchmarks}/{blob}' does not exist.");
        using var use = await OpenAsync(plan, shard, cancellation);
        var model = use.Model;
        var path = Path.Combine(settings.WorkFolder, "benchmarks", $"{Guid.NewGuid():N}.bin");
        try
        {
            var started = Stopwatch.GetTimestamp();
            await storage.DownloadAsync(Containers.Benchmarks, blob, path, cancellation);
            var video = await _probe.ProbeAsync(path, blob, cancellation: cancellation);
            var frames = FramePlanner.Uniform(video.FrameCount, video.FramesPerSecond, plan.Frames);
            var pictures = await extractor.ExtractAsync(path, frames, model.Recipe, cancellation);
            var decoding = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var answers = await model.AnswerAsync(
                pictures, [.. questions.Select(q => q.Prompt)], new GenerationOptions(plan.MaxNewTokens, Temperature: 0, plan.Seed), cancellation);
            return [.. questions.Zip(answers, (question, answer) => Said(plan, shard, question, answer) with
            {
                DecodeSeconds = question == questions[0] ? decoding : null,
                VideoSha256 = video.VideoId,
                VideoSeconds = video.DurationSeconds,
                VideoFrames = video.FrameCount,
                FrameIndices = frames.Indices,
            })];
        }
        catch (BadVideoException e)
        {
            return Unanswered(plan, shard, e.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The same prompts with no frame before them.</summary>
    private async Task<IReadOnlyList<StoredAnswer>> AnswerBlindAsync(
        BenchmarkPlan plan, BenchmarkShard shard, List<BenchmarkQuestion> questions, CancellationToken cancellation)
    {
        using var use = await OpenAsync(plan, shard, cancellation);
        var answers = await use.Model.AnswerBlindAsync(
            [.. questions.Select(q => q.Prompt)], new GenerationOptions(plan.MaxNewTokens, Temperature: 0, plan.Seed), cancellation);
        return [.. questions.Zip(answers, (question, answer) => Said(plan, shard, question, answer))];
    }

    private async Task<ModelInUse> OpenAsync(BenchmarkPlan plan, BenchmarkShard shard, CancellationToken cancellation)
    {
        var use = await models.UseAsync(shard.ModelId, cancellation);
        var expected = Revision(plan, shard);
        if (use.Model.Revision == expected)
            return use;
        var found = use.Model.Revision;
        use.Dispose();
        throw new InvalidDataException($"The model '{shard.ModelId}' changed during the run: it was {expected}, it is {found}. Start a new run.");
    }

    private static StoredAnswer Said(BenchmarkPlan plan, BenchmarkShard shard, BenchmarkQuestion question, ModelAnswer answer) => Line(plan, shard, question) with
    {
        Raw = answer.Text,
        Letter = LongVideoBench.Parse(answer.Text),
        PromptTokens = answer.PromptTokens,
        GeneratedTokens = answer.GeneratedTokens,
        Seconds = answer.Seconds,
    };

    /// <summary>The shard's lines where nothing could be asked.</summary>
    public static IReadOnlyList<StoredAnswer> Unanswered(BenchmarkPlan plan, BenchmarkShard shard, string reason) =>
        [.. Questions(plan, shard).Select(question => Line(plan, shard, question) with { Error = reason })];

    private static List<BenchmarkQuestion> Questions(BenchmarkPlan plan, BenchmarkShard shard) =>
        [.. plan.Questions.Where(question => question.VideoId == shard.VideoId)];

    private static string Revision(BenchmarkPlan plan, BenchmarkShard shard) => plan.Models.First(model => model.ModelId == shard.ModelId).Revision;

    private static StoredAnswer Line(BenchmarkPlan plan, BenchmarkShard shard, BenchmarkQuestion question) => new()
    {
        ModelId = shard.ModelId,
        ModelRevision = Revision(plan, shard),
        VideoId = shard.VideoId,
        WithoutVideo = shard.WithoutVideo,
        QuestionId = question.Id,
        Question = question.Question,
        Prompt = question.Prompt,
        Gold = question.Gold,
    };
}
