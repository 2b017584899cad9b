using System.Text.RegularExpressions;

namespace Tpo.Shared.Preferences.Hygiene;

/// <summary>
/// Questions about a time on the video's own clock. A segment shown alone starts at another time than in its video, so such a question has one answer
/// in one view and another in the other: it is never asked of a segment.
/// </summary>
public static partial class AbsoluteTime
{
    public static bool IsAskedBy(string question) => Pattern().IsMatch(question);

    [GeneratedRegex(
        @"\b\d{1,2}:\d{2}\b"
        + @"|\b(at|around|after|before|by) (what|which) (time|second|minute|moment|point)\b"
        + @"|\btime ?(stamp|code)s?\b"
        + @"|\b(how (many|long)|after how many) (seconds|minutes|hours)?\s?(into|from the (start|beginning))\b"
        + @"|\b(what|which) (second|minute|hour)\b"
        + @"|\b(second|minute|seconds|minutes) \d+\b|\b\d+(st|nd|rd|th) (second|minute)\b"
        + @"|\b(first|last|final) \d+ (seconds|minutes)\b"
        + @"|^when (is|are|was|were|does|do|did)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
