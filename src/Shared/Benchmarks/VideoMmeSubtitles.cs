using System.Globalization;
using System.Text.RegularExpressions;
using Tpo.Shared.Media;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// Which subtitles Video-MME's protocol of lmms-eval puts before a question: those of the times of `frames` uniformly sampled frames, however many the
/// model itself gets (32 by default). Only text inside the published files' font tag counts.
/// </summary>
public static partial class VideoMmeSubtitles
{
    /// <summary>What stands for the subtitles of a video without a file of them.</summary>
    public const string None = "No subtitles available";
    public const int Frames = 32;

    /// <summary>Shown lines in order of time, each once: those with ⌊start · fps⌋ ≤ frame &lt; ⌊end · fps⌋ for a sampled frame.</summary>
    /// <param name="srt">the file's text</param>
    /// <param name="totalFrames">of the video, by its header</param>
    public static IReadOnlyList<string> Shown(string srt, double framesPerSecond, int totalFrames, int frames = Frames) =>
        Shown(srt, framesPerSecond, totalFrames, frames, kept => kept.Order());

    /// <summary>
    /// The same lines in lmms-eval's own order: it keeps their numbers in a Python set, which scrambles more than a few dozen lines. Ours is the order
    /// of time; this one is for comparing.
    /// </summary>
    public static IReadOnlyList<string> ShownAsInHarness(string srt, double framesPerSecond, int totalFrames, int frames = Frames) =>
        Shown(srt, framesPerSecond, totalFrames, frames, PythonSetOrder.Of);

    private static IReadOnlyList<string> Shown(string srt, double framesPerSecond, int totalFrames, int frames, Func<IEnumerable<int>, IEnumerable<int>> order)
    {
        var lines = Lines(srt).Select(line => (First: (int)(line.Start * framesPerSecond), End: (int)(line.End * framesPerSecond), line.Text)).ToList();
        var kept = FramePlanner.Uniform(totalFrames, framesPerSecond, frames).Indices
            .SelectMany(frame => Enumerable.Range(0, lines.Count).Where(i => lines[i].First <= frame && frame < lines[i].End)).Distinct();
        return [.. order(kept).Select(i => lines[i].Text)];
    }

    private static IEnumerable<(double Start, double End, string Text)> Lines(string srt) =>
        from cue in Cue().Matches(srt.Replace("\r\n", "\n")).AsEnumerable()
        let text = Tagged().Match(cue.Groups["text"].Value.Trim().Replace('\n', ' '))
        where text.Success
        select (Seconds(cue.Groups["start"].Value), Seconds(cue.Groups["end"].Value), text.Groups["said"].Value);

    /// <summary>"01:02:03,450" → seconds.</summary>
    private static double Seconds(string time) =>
        time.Replace(',', '.').Split(':').Aggregate(0.0, (sum, part) => sum * 60 + double.Parse(part, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(?<start>[0-9]+:[0-9]+:[0-9]+[,.][0-9]+)\s*-->\s*(?<end>[0-9]+:[0-9]+:[0-9]+[,.][0-9]+)[^\n]*\n(?<text>.*?)(?=\n\s*\n|\z)", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Cue();

    [GeneratedRegex("""<font color="white" size=".72c">(?<said>.*?)</font>""", RegexOptions.CultureInvariant)]
    private static partial Regex Tagged();
}
