using System.Text.Json;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class VidHallucCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["bqa_group"] = BinaryQa,
        ["bqa_missing_parts"] = BinaryQa,
        ["tsh_map"] = golden => golden.EachAnswer((answer, order) => GoldenCase.Same(answer, order.GetString(), VidHallucOrder.Parse(answer))),
        ["tsh_accuracy"] = Orders,
        ["sth_scene_score"] = golden => golden.InStep((cosine, score) => GoldenCase.Near($"{cosine}", score.GetDouble(), VidHallucScenes.SceneScore(cosine.GetDouble()))),
        ["sth_overall"] = Scenes,
        ["sth_free_text"] = Scenes,
        ["average"] = golden =>
        [
            GoldenCase.Near("mean of four", golden.Expected.GetProperty("mean_of_four").GetDouble(), Averages(golden)[0].Value),
            GoldenCase.Near("without TSH", golden.Expected.GetProperty("mean_without_tsh").GetDouble(), Averages(golden)[1].Value),
        ],
    };

    private static IEnumerable<Finding> BinaryQa(GoldenCase golden)
    {
        var questions = VidHalluc.Load(golden.Annotations.GetRawText(), $"{VidHalluc.BinaryQa}.json").Questions;
        var answers = golden.Predictions.EnumerateObject()
            .SelectMany(key => key.Value.EnumerateArray().Index().SelectMany(item => item.Item.GetProperty("a").EnumerateObject()
                .Select(clip => ($"{VidHalluc.BinaryQa}_{key.Name}_{item.Index}_{clip.Name}", clip.Value.GetString()!)))).ToDictionary();
        var score = Score(questions, answers, null);
        var category = score.Categories.Single();
        yield return GoldenCase.Same("total", golden.Expected.GetProperty("total").GetInt32(), category.Items);
        yield return GoldenCase.Near("correct", golden.Expected.GetProperty("correct").GetInt32(), category.Accuracy * category.Items);
        yield return GoldenCase.Near("accuracy", golden.Expected.GetProperty("accuracy").GetDouble(), GoldenCase.Figure(score.Figures, "BQA (all clips of a question right)"));
    }

    private static IEnumerable<Finding> Orders(GoldenCase golden)
    {
        var said = GoldenCase.Texts(golden.Predictions);
        yield return Finding.Identical("mapped", GoldenCase.Texts(golden.Expected.GetProperty("mapped")), [.. said.Select(VidHallucOrder.Parse)]);
        var questions = golden.Annotations.EnumerateArray().Select((gold, i) => new BenchmarkQuestion($"{i}", "v", "", "", "", 0, gold.GetString()!, []) { Task = VidHalluc.Order }).ToList();
        var score = Score(questions, said.Index().ToDictionary(answer => $"{answer.Index}", answer => answer.Item), null);
        yield return GoldenCase.Near("accuracy", golden.Expected.GetProperty("accuracy").GetDouble(), GoldenCase.Figure(score.Figures, "TSH"));
    }

    /// <summary>With the case's similarities in place of a sentence model's.</summary>
    private static IEnumerable<Finding> Scenes(GoldenCase golden)
    {
        var questions = VidHalluc.Load(golden.Annotations.GetProperty("gold").GetRawText(), $"{VidHalluc.Scenes}.json").Questions;
        var answers = golden.Predictions.EnumerateObject().ToDictionary(video => $"{VidHalluc.Scenes}_{video.Name}", video => video.Value.GetString()!);
        var cosines = golden.Annotations.GetProperty("similarities").EnumerateArray().ToDictionary(
            each => (each.GetProperty("model").GetString()!, each.GetProperty("gold").GetString()!), each => each.GetProperty("cos").GetDouble());
        var figures = Score(questions, answers, (said, gold) => cosines[(said, gold)]).Figures;
        foreach (var (field, name) in new[] { ("MCC", "STH MCC, -1 to 1"), ("Classification Score", "STH classification"), ("Description Accuracy", "STH description"), ("Overall Score", "STH overall") })
            yield return GoldenCase.Near(field, golden.Expected.GetProperty(field).GetDouble(), GoldenCase.Figure(figures, name));
    }

    private static IReadOnlyList<ScoreFigure> Averages(GoldenCase golden)
    {
        double Of(string task) => golden.Predictions.GetProperty(task).GetDouble();
        return VidHalluc.Averages(Of("BQA"), Of("MCQ"), Of("STH"), Of("TSH"));
    }

    private static BenchmarkScore Score(IReadOnlyList<BenchmarkQuestion> questions, IReadOnlyDictionary<string, string> answers, Func<string, string, double>? cosine) =>
        BenchmarkScorer.Score(VidHalluc.Benchmark, VidHalluc.WithSimilarity(cosine), questions, answers);
}
