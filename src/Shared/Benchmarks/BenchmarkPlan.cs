using Tpo.Shared.Models;

namespace Tpo.Shared.Benchmarks;

/// <summary>What a run asks and how, fixed when it begins: settings or files that change later do not mix into it.</summary>
public sealed record BenchmarkPlan
{
    public int SchemaVersion { get; init; } = 1;
    public required string RunId { get; init; }
    public required string Suite { get; init; }
    /// <summary>SHA-256 of the suite's annotation files.</summary>
    public required string SuiteSha256 { get; init; }
    /// <summary>The slug of the suite's benchmark; plans of before had only one.</summary>
    public string Benchmark { get; init; } = LongVideoBench.Benchmark.Slug;
    public required string Protocol { get; init; }
    /// <summary>SHA-256 over all prompts in order.</summary>
    public required string PromptSha256 { get; init; }
    /// <summary>How frames become pixels; of both models where they differ.</summary>
    public required string Preprocess { get; init; }
    public required int Frames { get; init; }
    public required int MaxNewTokens { get; init; }
    public required int Seed { get; init; }
    public required double GateMargin { get; init; }
    /// <summary>Baseline, candidate.</summary>
    public required IReadOnlyList<PlannedModel> Models { get; init; }
    public required IReadOnlyList<BenchmarkQuestion> Questions { get; init; }
    /// <summary>Each model is asked once more without the video: what language alone answers.</summary>
    public bool TextOnly { get; init; }
    /// <summary>Where in its video a question's evidence lies, as a frame number, by question id; absent where the annotations do not say.</summary>
    public IReadOnlyDictionary<string, double>? EvidenceFrames { get; init; }

    /// <summary>The benchmark and the protocol that the plan names.</summary>
    /// <exception cref="InvalidDataException">This build does not know them.</exception>
    public (Benchmark Benchmark, BenchmarkProtocol Protocol) Rules()
    {
        var known = KnownBenchmarks.Find(Benchmark);
        return known?.Protocols.FirstOrDefault(protocol => protocol.Name == Protocol) is { } found ? (known, found)
            : throw new InvalidDataException($"The run '{RunId}' was planned by the protocol '{Protocol}' of '{Benchmark}', which this build does not know.");
    }

    /// <summary>One shard = one model and one video with all its questions, in the file's order; then the same without the videos, where that is asked for.</summary>
    public IReadOnlyList<BenchmarkShard> Shards()
    {
        var videos = Questions.Select(q => q.VideoId).Distinct().ToList();
        return [.. from blind in TextOnly ? new bool?[] { null, true } : [null] from model in Models from video in videos select new BenchmarkShard(RunId, model.ModelId, video, blind)];
    }

    /// <summary>What a shard asks, in the file's order.</summary>
    public IReadOnlyList<BenchmarkQuestion> QuestionsOf(BenchmarkShard shard) => [.. Questions.Where(question => question.VideoId == shard.VideoId)];

    public string RevisionOf(BenchmarkShard shard) => Models.First(model => model.ModelId == shard.ModelId).Revision;

    /// <summary>A question's line before it is asked.</summary>
    public StoredAnswer Line(BenchmarkShard shard, BenchmarkQuestion question) => new()
    {
        ModelId = shard.ModelId,
        ModelRevision = RevisionOf(shard),
        VideoId = shard.VideoId,
        WithoutVideo = shard.WithoutVideo,
        QuestionId = question.Id,
        Question = question.Question,
        Prompt = Rules().Protocol.Prompt(question),
        Gold = question.Gold,
    };

    /// <summary>The shard's lines where nothing could be asked.</summary>
    public IReadOnlyList<StoredAnswer> Unanswered(BenchmarkShard shard, string reason) =>
        [.. QuestionsOf(shard).Select(question => Line(shard, question) with { Error = reason })];
}

/// <param name="Note">how the model was trained, in the words of its card</param>
/// <param name="Family">the published family whose shape it has, <see cref="ModelFamily"/>; null where it has none's</param>
public sealed record PlannedModel(string ModelId, string Revision, string? Note, string? Family = null);

/// <param name="WithoutVideo">true where the model sees no frames; absent otherwise</param>
public sealed record BenchmarkShard(string RunId, string ModelId, string VideoId, bool? WithoutVideo = null);

/// <summary>One line of `answers/{modelId}/{videoId}.jsonl`: what was asked and what came back, stored before anything is scored.</summary>
public sealed record StoredAnswer
{
    public int SchemaVersion { get; init; } = 1;
    public required string ModelId { get; init; }
    public required string ModelRevision { get; init; }
    public required string VideoId { get; init; }
    public required string QuestionId { get; init; }
    public required string Question { get; init; }
    public required string Prompt { get; init; }
    /// <summary>The model's words; null where it was never asked, see Error.</summary>
    public string? Raw { get; init; }
    /// <summary>The letter read from Raw; null where there is none.</summary>
    public string? Letter { get; init; }
    public required string Gold { get; init; }
    public int PromptTokens { get; init; }
    public int GeneratedTokens { get; init; }
    /// <summary>True where the answer was cut at its greatest length.</summary>
    public bool? Truncated { get; init; }
    /// <summary>Tokens that a frame became.</summary>
    public int? TokensPerFrame { get; init; }
    /// <summary>The model's time on it: its share of the answers beside it, and on a video's first one the time to encode the frames.</summary>
    public double Seconds { get; init; }
    /// <summary>Where that time went, on the first answer of those written side by side: tower and projector, reading tokens, writing tokens.</summary>
    public AnswerTimes? Times { get; init; }
    /// <summary>Fetching the video and decoding its frames, on a video's first answer.</summary>
    public double? DecodeSeconds { get; init; }
    /// <summary>The model saw no frames.</summary>
    public bool? WithoutVideo { get; init; }
    /// <summary>SHA-256 of the video's bytes.</summary>
    public string? VideoSha256 { get; init; }
    /// <summary>How long the video is.</summary>
    public double? VideoSeconds { get; init; }
    public int? VideoFrames { get; init; }
    public IReadOnlyList<int>? FrameIndices { get; init; }
    /// <summary>Why there is no answer.</summary>
    public string? Error { get; init; }
}
