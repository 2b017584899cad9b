using System.Text.RegularExpressions;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>
/// Words that training tools replace by a picture, a video or a sound wherever they stand. One inside a question or an answer would ask for a second
/// video: its angle brackets become spaces.
/// </summary>
internal static partial class MediaMarks
{
    public static string Without(string text) => Mark().Replace(text, match => $" {match.Groups[1].Value} ").Trim();

    [GeneratedRegex("<(image|video|audio)>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}
