using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;

namespace Tpo.Shared.Reporting;

/// <summary>How fast one model was asked, from the times stored with its answers; kept answers keep the times they were made in.</summary>
/// <param name="DecodeSeconds">fetching videos and decoding their frames; null where the stored answers do not say (older runs)</param>
/// <param name="ModelSeconds">encoding frames, reading and writing tokens together</param>
public sealed record SpeedRow(string ModelId, int Questions, int Frames, double? DecodeSeconds, double ModelSeconds)
{
    /// <summary>The model's time by its parts; null where a stored answer does not say (older runs, models behind an endpoint).</summary>
    public AnswerTimes? Parts { get; init; }
    private double Seconds => (DecodeSeconds ?? 0) + ModelSeconds;
    public double QuestionsPerSecond => Questions / Seconds;
    public double FramesPerSecond => Frames / Seconds;
    /// <summary>Of the time; null where decoding was not measured.</summary>
    public double? DecodeShare => DecodeSeconds / Seconds;

    /// <summary>Of the time; null where the parts were not measured.</summary>
    public (double Vision, double Prefill, double Tokens)? Shares => Parts is { } p ? (p.Vision / Seconds, p.Prefill / Seconds, p.Tokens / Seconds) : null;

    /// <summary>Null where no time is stored.</summary>
    internal static SpeedRow? Of(string model, IEnumerable<StoredAnswer> answers)
    {
        // In the questions' order, so that sums do not hang on the order of the lines.
        var lines = answers.Where(a => a.ModelId == model && a.WithoutVideo != true && a.Raw is not null).OrderBy(a => a.QuestionId, StringComparer.Ordinal).ToList();
        var frames = lines.GroupBy(a => a.VideoId).Sum(video => video.First().FrameIndices?.Count ?? 0);
        var decode = lines.Any(a => a.DecodeSeconds is not null) ? lines.Sum(a => a.DecodeSeconds ?? 0) : (double?)null;
        var times = lines.Select(a => a.Times).OfType<AnswerTimes>().ToList();
        var row = new SpeedRow(model, lines.Count, frames, decode, lines.Sum(a => a.Seconds))
        {
            Parts = times.Count == 0 ? null : new AnswerTimes(times.Sum(t => t.Vision), times.Sum(t => t.Prefill), times.Sum(t => t.Tokens)),
        };
        return row.Seconds > 0 ? row : null;
    }
}
