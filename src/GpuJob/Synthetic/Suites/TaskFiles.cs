using System.Text.Json.Nodes;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>The files of MVBench and TVBench: one a task, four options each; tasks that are bounded in time have the whole video as their bounds.</summary>
internal static class TaskFiles
{
    public static IEnumerable<(string File, JsonNode Content)> OfMvBench(IReadOnlyList<SuiteQuestion> questions) => Of(questions, kind => kind switch
    {
        QuestionKind.Colour => "moving_attribute",
        QuestionKind.Dots => "moving_count",
        QuestionKind.Place => "action_localization",
        QuestionKind.When => "state_change",
        _ when kind.IsOfOrder() => "action_sequence",
        _ => "object_existence",
    });

    public static IEnumerable<(string File, JsonNode Content)> OfTvBench(IReadOnlyList<SuiteQuestion> questions) => Of(questions, kind => kind switch
    {
        QuestionKind.Colour => "object_shuffle",
        QuestionKind.Dots => "object_count",
        QuestionKind.Place => "moving_direction",
        QuestionKind.When => "action_localization",
        _ when kind.IsOfOrder() => "action_sequence",
        _ => "scene_transition",
    });

    private static IEnumerable<(string File, JsonNode Content)> Of(IReadOnlyList<SuiteQuestion> questions, Func<QuestionKind, string> taskOf) =>
        questions.GroupBy(question => taskOf(question.Kind))
            .Select(task => ($"{task.Key}.json", (JsonNode)new JsonArray([.. task.Select(question => Row(question, isBounded: task.Key is "action_sequence" or "action_localization"))])));

    private static JsonNode Row(SuiteQuestion question, bool isBounded)
    {
        var row = new JsonObject
        {
            ["video"] = $"{question.Video.Name}.mp4", ["question"] = question.Choice.Open.Question, ["candidates"] = MiniatureSuites.Texts(question.Choice.Candidates),
            ["answer"] = question.Truth,
        };
        if (isBounded)
            (row["start"], row["end"]) = (0.0, question.Video.DurationSeconds);
        return row;
    }
}
