using System.Text.Json;
using Tpo.Shared.Benchmarks;

namespace Tpo.Shared.Reporting;

/// <summary>One figure that others published, beside which protocol it stands. Value: percent, as printed.</summary>
/// <param name="Family">checkpoints of which shape it is about</param>
/// <param name="Frames">frames a video; null where the source does not say</param>
/// <param name="Trust">how the figure was come by: the paper's own table, or a copy of it</param>
public sealed record PublishedFigure(string Model, string Family, string Benchmark, string Part, double Value, int? Frames, string Protocol, string Source, string Trust);

/// <param name="Difference">what is measured otherwise here, in words</param>
public sealed record PublishedRow(PublishedFigure Figure, string Difference);

/// <summary>What the paper and its harness's readers printed for LongVA, LLaVA-Video and their TPO versions (`Published.json`). For reading beside, never for the gate.</summary>
public static class PublishedFigures
{
    public static IReadOnlyList<PublishedFigure> All { get; } = Load();

    /// <summary>Those of the suite's benchmark and of the shape of either model, each with what differs.</summary>
    public static IReadOnlyList<PublishedRow> For(BenchmarkPlan plan) =>
    [
        .. All.Where(figure => plan.Models.Any(model => model.Family == figure.Family) && BenchmarkOf(plan.Protocol) == figure.Benchmark)
            .Select(figure => new PublishedRow(figure, Difference(figure, plan))),
    ];

    /// <summary>A protocol begins with its benchmark's name: "MLVU dev, multiple choice, …".</summary>
    private static string? BenchmarkOf(string protocol) =>
        All.Select(figure => figure.Benchmark).Distinct().FirstOrDefault(name => protocol.StartsWith(name, StringComparison.Ordinal));

    private static string Difference(PublishedFigure figure, BenchmarkPlan plan)
    {
        var frames = figure.Frames is not { } count ? $"The source does not say how many frames; here {plan.Frames}."
            : count == plan.Frames ? $"{count} frames a video, as here." : $"{count} frames a video there, {plan.Frames} here.";
        return $"{frames} There: {figure.Protocol}. Here: {plan.Protocol}.";
    }

    private static PublishedFigure[] Load()
    {
        using var stream = typeof(PublishedFigures).Assembly.GetManifestResourceStream("Published.json")
            ?? throw new InvalidOperationException("The resource 'Published.json' is not in the assembly.");
        return JsonSerializer.Deserialize<PublishedFigure[]>(stream, TpoJson.Options)!;
    }
}
