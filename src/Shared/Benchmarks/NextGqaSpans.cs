using System.Text.Json;
using Tpo.Shared.Media;

namespace Tpo.Shared.Benchmarks;

/// <summary>The moments that show the answers of NExT-GQA (`gsub_test.json`, `gsub_val.json`), by video.</summary>
/// <param name="Problems">what is malformed, each naming file, record, field and line; such videos are not among them</param>
public sealed record NextGqaSpans(IReadOnlyDictionary<string, NextGqaVideo> Videos, IReadOnlyList<string> Problems)
{
    public const string FileName = "gsub_test.json";
    public const string ValidationFileName = "gsub_val.json";

    /// <summary>Reads the file as its authors publish it: video to `duration`, `fps`, and `location`, which is question id to a list of [start, end].</summary>
    public static NextGqaSpans Load(string json, string file = FileName)
    {
        var problems = new List<string>();
        var videos = new Dictionary<string, NextGqaVideo>(StringComparer.Ordinal);
        foreach (var (name, record) in AnnotationRecords.Map(json, file, "videos", problems))
        {
            var video = Read(record);
            if (record.IsSound)
                videos[name] = video;
        }
        return new NextGqaSpans(videos, problems);
    }

    private static NextGqaVideo Read(AnnotationRecord record)
    {
        var (duration, framesPerSecond) = (record.Number("duration"), record.Number("fps"));
        record.Require(duration > 0, "duration", $"is {duration}, not above 0");
        record.Require(framesPerSecond > 0, "fps", $"is {framesPerSecond}, not above 0");
        var spans = new Dictionary<string, IReadOnlyList<TimeSpanSeconds>>(StringComparer.Ordinal);
        foreach (var question in record.Members("location"))
        {
            var read = question.Value.ValueKind == JsonValueKind.Array ? question.Value.EnumerateArray().Select(Span).ToList() : [null];
            record.Require(!read.Contains(null), "location", $"has at question '{question.Name}' no list of [start, end] with start <= end");
            spans[question.Name] = [.. read.OfType<TimeSpanSeconds>()];
        }
        return new NextGqaVideo(duration, framesPerSecond, spans);
    }

    private static TimeSpanSeconds? Span(JsonElement pair)
    {
        if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || pair.EnumerateArray().Any(end => end.ValueKind != JsonValueKind.Number))
            return null;
        var span = new TimeSpanSeconds(pair[0].GetDouble(), pair[1].GetDouble());
        return span.Length >= 0 ? span : null;
    }
}

/// <param name="Duration">seconds, whole in the published files</param>
/// <param name="Spans">by the question's id within the video (`qid`); some published ones begin up to 0.2 s before 0 or end a little after the duration</param>
public sealed record NextGqaVideo(double Duration, double FramesPerSecond, IReadOnlyDictionary<string, IReadOnlyList<TimeSpanSeconds>> Spans);
