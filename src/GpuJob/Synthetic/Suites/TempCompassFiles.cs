using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>TempCompass's four tasks over one set of questions, by video and dimension, and its file of fine aspects.</summary>
internal static class TempCompassFiles
{
    public static IEnumerable<(string File, JsonNode Content)> Of(IReadOnlyList<SuiteQuestion> questions) =>
    [
        ($"{TempCompass.MultiChoice}.json", Task(questions, question => [(Lines(question.Choice.Open.Question, ChoicePrompts.Lettered(question.Choice)), Lettered(question))])),
        ($"{TempCompass.YesNo}.json", Task(questions, question => [(question.Whether(question.Truth), "yes"), (question.Whether(question.Falsehood), "no")])),
        ($"{TempCompass.CaptionMatching}.json", Task(questions, question => [Captions(question)])),
        ($"{TempCompass.Captioning}.json", Task(questions, question =>
        [
            (Lines("Describe the video by the information that fits it.", ChoicePrompts.Lettered(question.Choice).Select(option =>
                $"Information {option[0]}: {{'question': '{question.Choice.Open.Question}', 'answer': '{option[3..]}'}}")) + "\nGenerated Caption:", Lettered(question)),
        ])),
        ("meta_info.json", new JsonObject(questions.GroupBy(question => question.Video.Name).Select(video => KeyValuePair.Create(video.Key, (JsonNode?)Meta(video))))),
    ];

    private static JsonObject Task(IReadOnlyList<SuiteQuestion> questions, Func<SuiteQuestion, IEnumerable<(string Question, string Answer)>> ask) =>
        new(questions.GroupBy(question => question.Video.Name).Select(video => KeyValuePair.Create(video.Key, (JsonNode?)new JsonObject(
            video.GroupBy(question => DimensionOf(question.Kind)).Select(dimension => KeyValuePair.Create(dimension.Key, (JsonNode?)new JsonArray(
                [.. dimension.SelectMany(ask).Select(asked => (JsonNode)new JsonObject { ["question"] = asked.Question, ["answer"] = asked.Answer })])))))));

    /// <summary>The right caption stands first or second, by the number of the question.</summary>
    private static (string Question, string Answer) Captions(SuiteQuestion question)
    {
        var (right, wrong) = (Caption(question.Truth), Caption(question.Falsehood));
        string[] lines = question.Number % 2 == 0 ? [$"Caption A: {right}", $"Caption B: {wrong}"] : [$"Caption A: {wrong}", $"Caption B: {right}"];
        return (Lines("Which caption matches the video better?", lines), lines[question.Number % 2]);

        string Caption(string option) => $"Of '{question.Choice.Open.Question}' the answer is {option}.";
    }

    private static JsonObject Meta(IEnumerable<SuiteQuestion> questions) => new()
    {
        ["eval_dim"] = new JsonObject(questions.Select(question => DimensionOf(question.Kind)).Distinct()
            .Select(dimension => KeyValuePair.Create(dimension, (JsonNode?)new JsonObject { ["type"] = $"synthetic {dimension}" }))),
        ["content"] = new JsonArray("shapes"),
    };

    private static string Lettered(SuiteQuestion question) => ChoicePrompts.Lettered(question.Choice)[question.Choice.Correct];

    private static string Lines(string first, IEnumerable<string> more) => string.Join('\n', more.Prepend(first));

    private static string DimensionOf(QuestionKind kind) => kind switch
    {
        QuestionKind.Colour => "attribute_change",
        QuestionKind.Place => "direction",
        QuestionKind.When => "speed",
        _ when kind.IsOfOrder() => "order",
        _ => "action",
    };
}
