using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class TempCompassCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["multi_choice_rule"] = MultiChoice,
        ["yes_no_rule"] = golden => golden.EachAnswer((answer, word) => GoldenCase.Same(answer, GoldenCase.Text(word), TempCompassRules.YesNo(answer))),
        ["captioning_judge_parse"] = golden => golden.InStep((words, rating) => GoldenCase.Same(
            words.GetString()!, rating.GetInt32(), TempCompassJudge.CaptionRating(words.GetString()!, golden.Annotations.GetProperty("mc_answer").GetString()!))),
        ["judge_to_rating"] = golden => golden.InStep((words, rating) => GoldenCase.Same(words.GetString()!, rating.GetInt32(), TempCompassJudge.Rating(words.GetString()!))),
        ["overall_of_four_tasks"] = Overall,
    };

    /// <summary>By the protocol without a judge; there what no rule matches is unparsed, and its credit 0.</summary>
    private static IEnumerable<Finding> MultiChoice(GoldenCase golden)
    {
        var gold = golden.Annotations.GetProperty("answer").GetString()!;
        var question = new BenchmarkQuestion("q", "v", "", "", "", 3, gold, []) { Task = TempCompass.MultiChoice };
        return golden.Expected.EnumerateObject().SelectMany(answer =>
        {
            var reading = TempCompass.Benchmark.Protocols[1].Read(question, answer.Name);
            return new[]
            {
                GoldenCase.Same(answer.Name, (double)answer.Value.GetProperty("rating").GetInt32(), reading.Credit),
                GoldenCase.Same($"{answer.Name}, matched", answer.Value.GetProperty("match_success").GetBoolean(), reading.Said is not null),
            };
        });
    }

    /// <summary>So many questions of each task, of which the given percentage is right.</summary>
    private static IEnumerable<Finding> Overall(GoldenCase golden)
    {
        var scored = golden.Annotations.GetProperty("counts").EnumerateObject().SelectMany(task =>
        {
            // Each question has the task's share as its credit: a share of questions need not be a whole number of them.
            var share = golden.Predictions.GetProperty(task.Name).GetDouble() / 100;
            return Enumerable.Range(0, task.Value.GetInt32()).Select(i => new ScoredQuestion(
                new BenchmarkQuestion($"{task.Name}_{i}", "v", "", "", "", 0, "", [new("task", task.Name)]) { Task = task.Name }, new Reading("judged", share)));
        }).ToList();
        var figures = TempCompass.Benchmark.Protocols[0].Aggregate(scored);
        yield return GoldenCase.Near("mean", golden.Expected.GetProperty("mean_of_tasks").GetDouble(), 100 * GoldenCase.Figure(figures, "mean of the four tasks"));
        yield return GoldenCase.Near("pooled", golden.Expected.GetProperty("pooled").GetDouble(), 100 * GoldenCase.Figure(figures, "accuracy over all questions"));
    }
}
