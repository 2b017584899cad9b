using System.Text;
using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>NExT-GQA's table of questions (a fifth option is left empty) and its file of the spans that show the answers.</summary>
public static class NextGqaFiles
{
    private const string Header = "video_id,frame_count,width,height,question,answer,qid,type,a0,a1,a2,a3,a4";

    public static async Task WriteAsync(IReadOnlyList<SuiteQuestion> questions, int side, string folder, CancellationToken cancel)
    {
        var table = new StringBuilder($"{Header}\n");
        foreach (var question in questions)
            table.Append(string.Join(',', Row(question, side))).Append('\n');
        await File.WriteAllTextAsync(Path.Combine(folder, NextGqa.FileName), table.ToString(), cancel);
        await SuiteWriter.WriteJsonAsync(
            new JsonObject(questions.GroupBy(question => question.Video).Select(video => KeyValuePair.Create(video.Key.Name, (JsonNode?)Spans(video.Key, video)))),
            Path.Combine(folder, NextGqaSpans.FileName), cancel);
    }

    /// <summary>No text of the world holds a comma or a quote.</summary>
    private static IEnumerable<string> Row(SuiteQuestion question, int side) =>
    [
        question.Video.Name, $"{question.Video.FrameCount}", $"{side}", $"{side}", ChoicePrompts.NextGqaQuestion(question.Choice.Open.Question),
        question.Choice.Candidates[question.Choice.Correct], $"{question.Number}", TypeOf(question.Kind), .. question.Choice.Candidates, "",
    ];

    private static JsonObject Spans(SyntheticVideo video, IEnumerable<SuiteQuestion> questions) => new()
    {
        ["duration"] = (int)Math.Round(video.DurationSeconds),
        ["location"] = new JsonObject(questions.Select(question => KeyValuePair.Create($"{question.Number}", (JsonNode?)new JsonArray(Span(question))))),
        ["fps"] = SyntheticVideo.FramesPerSecond,
    };

    /// <summary>From the first frame of the event that answers to the end of its last one, in seconds.</summary>
    private static JsonArray Span(SuiteQuestion question)
    {
        var scene = question.Video.Scenes[question.Choice.Open.Subject];
        return new JsonArray((double)scene.FirstFrame / SyntheticVideo.FramesPerSecond, (double)(scene.LastFrame + 1) / SyntheticVideo.FramesPerSecond);
    }

    private static string TypeOf(QuestionKind kind) => kind switch
    {
        QuestionKind.After => "TN",
        QuestionKind.Before => "TP",
        _ => "TC",
    };
}
