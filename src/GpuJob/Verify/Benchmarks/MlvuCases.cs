using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class MlvuCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["official_template"] = Template,
        ["official_check"] = golden => golden.EachAnswer((answer, right) => GoldenCase.Same(
            answer, right.GetBoolean(), Mlvu.OfficialLetter(answer) == golden.Annotations.GetProperty("gold").GetString()![1..2])),
        // The harness compares what it cut out, letter or not; this build says that what is no letter is none.
        ["lmms_2025_03_to_2026_04_extract"] = golden => golden.EachAnswer((answer, said) => GoldenCase.Same(
            answer, said.GetString() is [>= 'A' and <= 'E'] letter ? letter : null, Mlvu.Parse(answer))),
        ["lmms_2025_01_task_mlvu"] = golden =>
        [
            .. golden.Expected.GetProperty("extract").EnumerateObject().Select(said => GoldenCase.Same(said.Name, said.Value.GetString(), VideoMme.Parse(said.Name) ?? "")),
            GoldenCase.Same("prompt", golden.Expected.GetProperty("prompt").GetString(), Mlvu.Prompt2025(golden.Annotations.GetProperty("question").GetString()!)),
        ],
        ["m_avg_missing_task"] = Averages,
        ["lmms_prompt"] = golden =>
        [
            // The case's question has its options inside, as the harness's copy of the data has.
            GoldenCase.Same("prompt", golden.Expected.GetString(), Mlvu.Prompt(
                OptionLines(golden)[0], [.. OptionLines(golden).Skip(1).Select(line => line["(A) ".Length..])])),
        ],
    };

    private static IEnumerable<Finding> Template(GoldenCase golden)
    {
        foreach (var (row, expected) in golden.Annotations.EnumerateArray().Zip(golden.Expected.EnumerateArray()))
        {
            var record = JsonNode.Parse(row.GetRawText())!;
            record["question_type"] = "plotQA";
            var question = Mlvu.Load($"[{record.ToJsonString()}]", "1_plotQA.json").Questions.Single();
            yield return GoldenCase.Same(question.Question, expected.GetProperty("question").GetString(), Mlvu.OfficialQuestion(question.Question, question.Choices!));
            yield return GoldenCase.Same(question.Question, expected.GetProperty("gold").GetString(), $"({question.Gold}) {row.GetProperty("answer").GetString()}");
        }
    }

    private static IEnumerable<Finding> Averages(GoldenCase golden)
    {
        var questions = golden.Annotations.EnumerateArray().Select((row, i) => new BenchmarkQuestion(
            $"{i}", $"{i}", "", "", "", 4, row.GetProperty("answer").GetString()!, [new("question_type", row.GetProperty("task_type").GetString()!)]) { Choices = ["", "", "", ""] }).ToList();
        var answers = golden.Predictions.EnumerateArray().Index().ToDictionary(answer => $"{answer.Index}", answer => answer.Item.GetProperty("pred").GetString()!);
        double? Average(int protocol) => 100 * BenchmarkScorer.Score(Mlvu.Benchmark, Mlvu.Benchmark.Protocols[protocol], questions, answers).Figures[0].Value;
        yield return GoldenCase.Near("lmms-eval", golden.Expected.GetProperty("lmms_eval").GetDouble(), Average(0));
        yield return GoldenCase.Near("official", golden.Expected.GetProperty("official_present_tasks_only").GetDouble(), Average(1));
    }

    private static string[] OptionLines(GoldenCase golden) => golden.Annotations.GetProperty("question").GetString()!.Split('\n');
}
