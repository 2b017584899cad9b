using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Media;

/// <summary>What is said, and when.</summary>
public sealed record SubtitleCue(TimeSpanSeconds Span, string Text);

/// <summary>Reads SubRip (.srt) and WebVTT (.vtt): spans and plain text. Styling, positions, notes and cue names are left out.</summary>
public static partial class SubtitleReader
{
    /// <returns>Cues in the file's order; a block without a time line is none.</returns>
    public static IReadOnlyList<SubtitleCue> Parse(string text)
    {
        var cues = new List<SubtitleCue>();
        foreach (var block in BlankLines().Split(text.Replace("\r\n", "\n").Replace('\r', '\n').TrimStart('\uFEFF')))
        {
            var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var timeLine = Array.FindIndex(lines, line => line.Contains("-->", StringComparison.Ordinal));
            if (timeLine is not (0 or 1) || TimeLine().Match(lines[timeLine]) is not { Success: true } match)
                continue;
            var span = new TimeSpanSeconds(Seconds(match.Groups["start"].Value), Seconds(match.Groups["end"].Value));
            var words = WebUtility.HtmlDecode(Tags().Replace(string.Join(' ', lines[(timeLine + 1)..]), "")).Trim();
            if (span.Length > 0 && words.Length > 0)
                cues.Add(new SubtitleCue(span, words));
        }
        return cues;
    }

    public static async Task<IReadOnlyList<SubtitleCue>> ReadAsync(string path, CancellationToken cancellation = default) =>
        Parse(await File.ReadAllTextAsync(path, cancellation));

    /// <summary>"01:02:03,450", "02:03.450" → seconds.</summary>
    private static double Seconds(string time) =>
        time.Replace(',', '.').Split(':').Aggregate(0.0, (sum, part) => sum * 60 + double.Parse(part, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^\s*(?<start>(\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})\s*-->\s*(?<end>(\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3})(\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex TimeLine();

    [GeneratedRegex(@"\n\s*\n", RegexOptions.CultureInvariant)]
    private static partial Regex BlankLines();

    [GeneratedRegex(@"<[^>]*>|\{\\[^}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Tags();
}
