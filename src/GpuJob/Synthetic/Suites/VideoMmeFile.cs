using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>Video-MME's questions, nested under their videos as its official template nests them.</summary>
public static class VideoMmeFile
{
    public static Task WriteAsync(IReadOnlyList<SuiteQuestion> questions, string folder, CancellationToken cancel) =>
        SuiteWriter.WriteJsonAsync(
            new JsonArray([.. questions.GroupBy(question => question.Video).Select(video => Video(video.Key, [.. video]))]),
            Path.Combine(folder, VideoMme.FileName), cancel);

    private static JsonObject Video(SyntheticVideo video, IReadOnlyList<SuiteQuestion> questions) => new()
    {
        ["video_id"] = video.Name, ["duration"] = video.DurationSeconds switch { < 120 => "short", <= 900 => "medium", _ => "long" },
        ["domain"] = "Knowledge", ["sub_category"] = "Synthetic Shapes", ["questions"] = new JsonArray([.. questions.Select(Question)]),
    };

    private static JsonObject Question(SuiteQuestion question) => new()
    {
        ["question_id"] = question.Id, ["task_type"] = TaskType(question.Kind), ["question"] = question.Choice.Open.Question,
        ["options"] = new JsonArray([.. ChoicePrompts.Lettered(question.Choice).Select(text => (JsonNode)text)]), ["answer"] = question.Choice.Letter,
    };

    private static string TaskType(QuestionKind kind) => kind switch
    {
        QuestionKind.Colour => "Attribute Perception",
        QuestionKind.Place => "Spatial Perception",
        QuestionKind.Dots => "Counting Problem",
        QuestionKind.Word or QuestionKind.ShownWith => "OCR Problems",
        QuestionKind.When => "Temporal Perception",
        _ => "Temporal Reasoning",
    };
}
