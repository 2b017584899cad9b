using System.Text.Json;
using Tpo.Shared.Media;

namespace Tpo.Shared.Benchmarks;

/// <summary>Frames and subtitles of LongVideoBench's protocol for models that read pictures and lines in turn (lmms-eval `longvideobench_val_i`).</summary>
public static class LongVideoBenchSubtitles
{
    /// <summary>Marks a frame's place.</summary>
    public const string FrameMark = "<image>";

    /// <summary>n = min(most, ⌊duration⌋) frames: i · ⌊⌊duration · fps⌋ / n⌋.</summary>
    public static IReadOnlyList<int> FrameIndices(double duration, double framesPerSecond, int most)
    {
        var count = Math.Min(most, (int)duration);
        return [.. Enumerable.Range(0, count).Select(i => (int)((double)(int)(duration * framesPerSecond) / count) * i)];
    }

    /// <summary>Seconds at which frames stand among subtitles: i · duration / most, or whole seconds where the video is no longer than that.</summary>
    public static IReadOnlyList<double> FrameTimes(double duration, int most) =>
        duration > most ? [.. Enumerable.Range(0, most).Select(i => i * duration / most)] : [.. Enumerable.Range(0, (int)duration).Select(i => (double)i)];

    /// <summary>
    /// Frame marks and lines in turn, one a line. A line stands behind the frames up to its middle, and only where a frame lies inside it; one of under
    /// a second is widened to a second. An end that is no decimal fraction in the file (7, null) counts as the video's end, as in lmms-eval.
    /// </summary>
    /// <param name="subtitles">the file's JSON, in either of its two shapes</param>
    /// <param name="offset">`starting_timestamp_for_subtitles`, seconds</param>
    /// <exception cref="FormatException">The file is of neither shape.</exception>
    public static string Interleave(IReadOnlyList<double> frameTimes, JsonElement subtitles, double offset, double duration)
    {
        var (parts, frame) = (new List<string>(), 0);
        foreach (var line in subtitles.EnumerateArray())
        {
            var (span, text) = Line(line, duration);
            var (start, end) = (span.Start - offset, span.End - offset);
            var middle = (start + end) / 2;
            for (; frame < frameTimes.Count && frameTimes[frame] <= middle; frame++)
                parts.Add(FrameMark);
            if (end - start < 1)
                (start, end) = (middle - 0.5, middle + 0.5);
            if (frameTimes.Any(time => time > start && time < end))
                parts.Add(text);
        }
        return string.Join('\n', parts.Concat(Enumerable.Repeat(FrameMark, frameTimes.Count - frame)));
    }

    private static (TimeSpanSeconds Span, string Text) Line(JsonElement line, double duration)
    {
        if (line.TryGetProperty("timestamp", out var times) && times.GetArrayLength() == 2)
        {
            var end = times[1];
            var isFraction = end.ValueKind == JsonValueKind.Number && end.GetRawText().AsSpan().IndexOfAny(".eE") >= 0;
            return (new TimeSpanSeconds(times[0].GetDouble(), isFraction ? end.GetDouble() : duration), line.GetProperty("text").GetString()!);
        }
        if (line.TryGetProperty("start", out var start) && line.TryGetProperty("end", out var stop) && line.TryGetProperty("line", out var said))
            return (new TimeSpanSeconds(Seconds(start.GetString()!), Seconds(stop.GetString()!)), said.GetString()!);
        throw new FormatException($"A subtitle has neither 'timestamp' and 'text' nor 'start', 'end' and 'line': {line}");
    }

    /// <summary>"01:02:03.450" → seconds.</summary>
    private static double Seconds(string time) =>
        time.Split(':').Aggregate(0.0, (sum, part) => sum * 60 + double.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
}
