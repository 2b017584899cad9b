using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class MvBenchCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["official_check"] = OfficialCheck,
        ["lmms_letter"] = golden => golden.EachAnswer((answer, letter) => GoldenCase.Same(answer, GoldenCase.Text(letter), MvBench.Parse(answer))),
        ["lmms_prompt"] = golden => [GoldenCase.Same("prompt", golden.Expected.GetString(), MvBench.Prompt(Question(golden), Candidates(golden)))],
        ["official_prompt_parts"] = golden =>
        [
            GoldenCase.Same("question", golden.Expected.GetProperty("question").GetString(), MvBench.OfficialQuestion(Question(golden), Candidates(golden))),
            GoldenCase.Same("gold", golden.Expected.GetProperty("gold").GetString(), Gold(golden)),
        ],
        ["overall"] = Overall,
    };

    internal static IEnumerable<Finding> OfficialCheck(GoldenCase golden) =>
        golden.EachAnswer((answer, right) => GoldenCase.Same(answer, right.GetBoolean(), MvBench.OfficialCheck(answer, golden.Annotations.GetProperty("gold").GetString()!)));

    private static string Gold(GoldenCase golden)
    {
        var question = MvBench.Load($$"""[{"video":"v.mp4",{{golden.Annotations.GetRawText().Trim()[1..]}}]""", "action_sequence.json").Questions.Single();
        return $"({question.Gold}) {question.Choices![question.Gold[0] - 'A']}";
    }

    private static IEnumerable<Finding> Overall(GoldenCase golden)
    {
        var (questions, answers) = (new List<BenchmarkQuestion>(), new Dictionary<string, string>());
        foreach (var task in golden.Annotations.GetProperty("count").EnumerateObject())
        {
            for (var i = 0; i < task.Value.GetInt32(); i++)
            {
                questions.Add(new BenchmarkQuestion($"{task.Name}_{i}", "v", "", "", "", 2, "A", [new("task", task.Name)]) { Choices = ["x", "y"] });
                answers[$"{task.Name}_{i}"] = i < golden.Predictions.GetProperty("correct").GetProperty(task.Name).GetInt32() ? "A) x" : "B) y";
            }
        }
        var score = BenchmarkScorer.Score(MvBench.Benchmark, MvBench.Benchmark.Protocols[1], questions, answers);
        foreach (var task in golden.Expected.GetProperty("per_task").EnumerateObject())
            yield return GoldenCase.Near(task.Name, task.Value.GetDouble(), 100 * score.Categories.Single(category => category.Name == task.Name).Accuracy);
        yield return GoldenCase.Near("pooled", golden.Expected.GetProperty("official_pooled").GetDouble(), 100 * GoldenCase.Figure(score.Figures, "accuracy over questions"));
        yield return GoldenCase.Near("mean", golden.Expected.GetProperty("mean_of_tasks").GetDouble(), 100 * GoldenCase.Figure(score.Figures, "mean of the tasks"));
    }

    private static string Question(GoldenCase golden) => golden.Annotations.GetProperty("question").GetString()!;

    private static IReadOnlyList<string> Candidates(GoldenCase golden) => GoldenCase.Texts(golden.Annotations.GetProperty("candidates"));
}
