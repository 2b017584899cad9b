using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>`lvb_val.json` with the field names and types that LongVideoBench publishes.</summary>
public static class LongVideoBenchFile
{
    /// <summary>Subtitles are an empty list: everything there is to know is in the pictures.</summary>
    public const string SubtitleFile = "none.json";

    public static async Task WriteAsync(IReadOnlyList<SuiteQuestion> questions, string folder, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(folder, "subtitles"));
        await File.WriteAllTextAsync(Path.Combine(folder, "subtitles", SubtitleFile), "[]\n", cancel);
        await SuiteWriter.WriteJsonAsync(new JsonArray([.. questions.Select(Row)]), Path.Combine(folder, LongVideoBench.FileName), cancel);
    }

    private static JsonObject Row(SuiteQuestion question)
    {
        var (video, open) = (question.Video, question.Choice.Open);
        return new JsonObject
        {
            ["video_id"] = video.Name, ["question"] = open.Question, ["question_wo_referring_query"] = open.Question,
            ["candidates"] = new JsonArray([.. question.Choice.Candidates.Select(text => (JsonNode)text)]), ["correct_choice"] = question.Choice.Correct,
            ["position"] = new JsonArray(video.Scenes[open.Subject].MiddleFrame), ["topic_category"] = "SY-Synthetic-Shapes",
            ["question_category"] = Category(question.Kind), ["level"] = question.Kind.IsOfOrder() ? "L2-Relation" : "L1-Perception",
            ["id"] = question.Id, ["video_path"] = $"{video.Name}.mp4", ["subtitle_path"] = SubtitleFile,
            ["duration_group"] = video.DurationSeconds switch { <= 15 => 15, <= 60 => 60, <= 600 => 600, _ => 3600 },
            ["starting_timestamp_for_subtitles"] = 0, ["duration"] = video.DurationSeconds, ["view_count"] = 0,
        };
    }

    private static string Category(QuestionKind kind) => kind switch
    {
        QuestionKind.Colour or QuestionKind.Dots or QuestionKind.Word => "S2A",
        QuestionKind.Place => "SAA",
        QuestionKind.ShownWith => "T2O",
        QuestionKind.First or QuestionKind.Last => "SSS",
        QuestionKind.When => "O2E",
        _ => "O3O",
    };
}
