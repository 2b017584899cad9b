using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>MLVU's files, one a task, each a list of records as its authors publish them: count, order, needle (when), plot (all others).</summary>
public static class MlvuFiles
{
    private static readonly (string File, string Type)[] Tasks =
        [("1_plotQA.json", "plotQA"), ("2_needle.json", "findNeedle"), ("4_count.json", "count"), ("5_order.json", "order")];

    public static async Task WriteAsync(IReadOnlyList<SuiteQuestion> questions, string folder, CancellationToken cancel)
    {
        foreach (var (file, type) in Tasks)
            await SuiteWriter.WriteJsonAsync(
                new JsonArray([.. questions.Where(question => TypeOf(question.Kind) == type).Select(question => Row(question, type))]), Path.Combine(folder, file), cancel);
    }

    /// <summary>The question behind a loaded record's id: MLVU has no ids, so a record is known by its file and number.</summary>
    public static IReadOnlyDictionary<string, SuiteQuestion> ById(IReadOnlyList<SuiteQuestion> questions) =>
        Tasks.SelectMany(task => questions.Where(question => TypeOf(question.Kind) == task.Type)
            .Select((question, i) => ($"{Path.GetFileNameWithoutExtension(task.File)}_{i + 1}", question))).ToDictionary();

    public static BenchmarkFile Load(string folder) =>
        Mlvu.Load(Tasks.Select(task => (File.ReadAllText(Path.Combine(folder, task.File)), task.File)));

    private static JsonObject Row(SuiteQuestion question, string type) => new()
    {
        ["video"] = $"{question.Video.Name}.mp4", ["duration"] = question.Video.DurationSeconds, ["question"] = question.Choice.Open.Question,
        ["candidates"] = new JsonArray([.. question.Choice.Candidates.Select(text => (JsonNode)text)]),
        ["answer"] = question.Choice.Candidates[question.Choice.Correct], ["question_type"] = type,
    };

    private static string TypeOf(QuestionKind kind) => kind switch
    {
        QuestionKind.Dots => "count",
        QuestionKind.When => "findNeedle",
        _ => kind.IsOfOrder() ? "order" : "plotQA",
    };
}
