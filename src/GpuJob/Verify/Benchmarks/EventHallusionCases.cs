using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class EventHallusionCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["extract_pred"] = golden => golden.InStep((answer, word) => GoldenCase.Same($"{answer}", GoldenCase.Text(word), GoldenCase.Text(answer) is { } text ? EventHallusion.Parse(text) : null)),
        ["extract_judge"] = golden => golden.InStep((words, verdict) => GoldenCase.Same($"{words}", GoldenCase.Text(verdict), EventHallusion.Verdict(words.GetString()!))),
        ["prompts"] = golden =>
        [
            GoldenCase.Same("binary", golden.Expected.GetProperty("binary").GetString(), EventHallusion.Prompt(golden.Annotations.GetProperty("question").GetString()!)),
            GoldenCase.Same("description", golden.Expected.GetProperty("description").GetString(), EventHallusion.DescriptionPrompt),
        ],
        ["degenerate_predictors"] = Degenerate,
    };

    private static IEnumerable<Finding> Degenerate(GoldenCase golden)
    {
        var questions = golden.Annotations.EnumerateObject().SelectMany(split => Enumerable.Range(0, split.Value.GetInt32()).Select(i => new BenchmarkQuestion(
            $"{split.Name}_{i}", "v", "", "", "", 2, split.Name == "interleave" ? "Yes." : "No.", [new("split", split.Name)]) { Task = "binary" })).ToList();
        foreach (var predictor in golden.Predictions.EnumerateObject())
        {
            var answers = questions.ToDictionary(question => question.Id, _ => predictor.Value.GetString()!);
            var figures = BenchmarkScorer.Score(EventHallusion.Benchmark, EventHallusion.Benchmark.Protocols[0], questions, answers).Figures;
            foreach (var figure in golden.Expected.GetProperty(predictor.Name).EnumerateObject())
                yield return GoldenCase.Near($"{predictor.Name}, {figure.Name}", figure.Value.GetDouble(),
                    GoldenCase.Figure(figures, figure.Name == "overall" ? "accuracy over the yes-or-no questions" : $"accuracy, {figure.Name}"));
        }
    }
}
