using System.Text.RegularExpressions;

namespace Tpo.Shared.Preferences.Hygiene;

/// <summary>
/// Answers that decline to answer. As the rejected side they would teach the model to stop refusing rather than to look at the right time; as the chosen
/// side they would teach it to refuse. "He does not open the door" is an answer; "the video does not show" is none.
/// </summary>
public static partial class Refusals
{
    public static bool Is(string answer) => Pattern().IsMatch(answer);

    [GeneratedRegex(
        @"^\W*(nothing|none|unknown|n/?a)\W*$"
        + @"|^\W*(i['’]?m sorry|i am sorry|sorry|as an ai)\b"
        + @"|\b(i|we) (can['’]?t|cannot|can not|could not|couldn['’]?t|am unable to|are unable to|don['’]?t know|do not know)\b"
        + @"|\b(video|videos|frames?|clip|footage|captions?|images?|scene)s? (does not|do not|doesn['’]?t|don['’]?t) (show|contain|provide|mention|specify|include|depict|reveal|give|say|tell)\b"
        + @"|(\bnot|n['’]t) (shown|visible|mentioned|specified|provided|seen|depicted) (in|by|on) (the|this|these)\b"
        + @"|\b(cannot|can['’]?t|can not|could not) be (determined|answered|seen|known|inferred)\b"
        + @"|\b(no|not enough|insufficient) (information|evidence|context)\b"
        + @"|\b(it is|it['’]s) (not clear|unclear|impossible to)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
