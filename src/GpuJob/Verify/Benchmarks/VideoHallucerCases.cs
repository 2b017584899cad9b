using System.Text.Json;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class VideoHallucerCases
{
    /// <summary>The case's short names of the subsets.</summary>
    private static readonly Dictionary<string, string> Subsets = new()
    {
        ["obj_rel"] = "object_relation", ["temporal"] = "temporal", ["semantic"] = "semantic_detail", ["fact"] = "external_factual", ["nonfact"] = "external_nonfactual",
    };

    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["single_words"] = golden => Compare("temporal", golden.Expected, Score([("temporal", golden.Predictions)])),
        ["anywhere_match"] = golden => Compare("temporal", golden.Expected, Score([("temporal", golden.Predictions)])),
        ["overall_macro"] = golden =>
        [
            .. golden.Expected.GetProperty("subsets").EnumerateObject().SelectMany(subset =>
                Compare(subset.Name, subset.Value, Score([(Subsets[subset.Name], golden.Predictions.GetProperty(subset.Name))]))),
            .. Compare("all", golden.Expected.GetProperty("all"), Whole(golden)),
            GoldenCase.Near("pooled", golden.Expected.GetProperty("pooled_diagnostic").GetDouble(), GoldenCase.Figure(Whole(golden), "accuracy over pairs")),
        ],
        ["prompt"] = golden => [GoldenCase.Same("prompt", golden.Expected.GetString(), VideoHallucer.Prompt(golden.Annotations.GetProperty("question").GetString()!))],
    };

    private static IReadOnlyList<ScoreFigure> Whole(GoldenCase golden) => Score([.. golden.Predictions.EnumerateObject().Select(subset => (Subsets[subset.Name], subset.Value))]);

    private static IEnumerable<Finding> Compare(string what, JsonElement expected, IReadOnlyList<ScoreFigure> figures)
    {
        foreach (var (field, name) in new[] { ("accuracy", "accuracy"), ("basic_accuracy", "basic accuracy"), ("halluc_accuracy", "hallucination accuracy") })
            yield return GoldenCase.Near($"{what}, {name}", expected.GetProperty(field).GetDouble(),
                figures.First(figure => figure.Name == name || figure.Name.StartsWith($"{name} (", StringComparison.Ordinal)).Value);
    }

    private static IReadOnlyList<ScoreFigure> Score(IReadOnlyList<(string Subset, JsonElement Pairs)> subsets)
    {
        var (questions, answers) = (new List<BenchmarkQuestion>(), new Dictionary<string, string>());
        foreach (var (subset, pairs) in subsets)
        {
            foreach (var (index, pair) in pairs.EnumerateArray().Index())
            {
                foreach (var (member, gold) in new[] { ("basic", "yes"), ("hallucination", "no") })
                {
                    var id = $"{subset}_{index}_{member}";
                    questions.Add(new BenchmarkQuestion(id, subset, "", "", "", 2, gold, [new("subset", subset)]) { Task = member, Unit = $"{subset}_{index}" });
                    answers[id] = pair.GetProperty(member).GetString()!;
                }
            }
        }
        return BenchmarkScorer.Score(VideoHallucer.Benchmark, VideoHallucer.Benchmark.Protocols[0], questions, answers).Figures;
    }
}
