using System.Globalization;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Preferences.Local;

/// <summary>One thing in one frame, as a caption states it.</summary>
public sealed record SceneFact(string Colour, string Shape, string Place)
{
    /// <summary>What the thing is, wherever it stands: "red circle".</summary>
    public string Thing => $"{Colour} {Shape}";
    public string Caption => $"a {Colour} {Shape} at the {Place}";
}

/// <summary>
/// The wording that the small local model speaks: captions, questions and answers. The synthetic world teaches it,
/// the local query writer asks in it, and the local judge reads it; a remote model needs none of this.
/// </summary>
public static partial class SceneLanguage
{
    public static IReadOnlyList<string> Colours { get; } = ["red", "green", "blue", "yellow", "purple", "orange", "white", "pink"];
    public static IReadOnlyList<string> Shapes { get; } = ["circle", "square", "triangle", "star", "cross", "ring"];
    public static IReadOnlyList<string> Places { get; } = ["left", "right", "top", "bottom", "center"];
    /// <summary>How many dots a picture can carry, in words.</summary>
    public static IReadOnlyList<string> Numbers { get; } = ["one", "two", "three", "four"];
    /// <summary>Words that stand written in the pictures, in capitals there.</summary>
    public static IReadOnlyList<string> Words { get; } = ["sun", "fox", "map", "key", "owl", "tea", "ice", "jam"];

    public const string DescribeFrame = "Describe this frame.";
    public const string DescribeFirstFrame = "Describe the first frame.";
    public const string DescribeLastFrame = "Describe the last frame.";
    public const string ReadClock = "What does the clock show?";
    public const string ListInOrder = "List everything that is shown, in order.";
    public const string ShownFirst = "What is shown first?";
    public const string ShownLast = "What is shown last?";
    public const string Nothing = "nothing";

    public static string ColourOf(string shape) => $"What colour is the {shape}?";
    public static string ColourAnswer(SceneFact fact) => $"The {fact.Shape} is {fact.Colour}.";

    public static string PlaceOf(string thing) => $"Where is the {thing}?";
    public static string PlaceAnswer(SceneFact fact) => $"The {fact.Thing} is at the {fact.Place}.";

    public static string DotsOf(string thing) => $"How many dots are shown with the {thing}?";
    public static string DotsAnswer(string thing, string number) => $"The {thing} is shown with {number}.";

    public static string WordOf(string thing) => $"Which word is shown with the {thing}?";
    public static string WordAnswer(string thing, string word) => $"The {thing} is shown with {word}.";
    public static string ShownWith(string word) => $"What is shown with the word {word}?";

    public static string WhenIs(string thing) => $"When is the {thing} shown?";
    public static string SpanAnswer(int first, int last) => $"From {Clock(first)} to {Clock(last)}.";
    /// <summary>The clock at a second of the video: mm:ss.</summary>
    public static string Clock(int second) => string.Create(CultureInfo.InvariantCulture, $"{second / 60 % 100:00}:{second % 60:00}");

    public const string WhereIsEach = "Where is each?";
    public const string DotsOfEach = "How many dots are shown with each?";
    public const string WordOfEach = "Which word is shown with each?";
    public const string ColourOfEach = "What colour is each?";
    public const string ShownWithEach = "What is shown with each word?";
    public const string WhenIsEach = "When is each shown?";
    public const string AfterEach = "What comes right after each?";
    public const string BeforeEach = "What comes right before each?";

    public const string LettersOfAll = "Which letter has each option?";
    public static string WhichIs(string option) => $"Which option is {option}?";

    public static string After(string thing) => $"What comes right after the {thing}?";
    public static string Before(string thing) => $"What comes right before the {thing}?";
    public static string ThingAnswer(string thing) => $"A {thing}.";

    public static string ListAnswer(IEnumerable<string> things) => $"A {string.Join(", then a ", things)}.";

    /// <summary>The fact a caption states, or null where the caption is none of this language.</summary>
    public static SceneFact? Parse(string caption)
    {
        var match = CaptionPattern().Match(caption.Trim());
        return match.Success ? new SceneFact(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value) : null;
    }

    [GeneratedRegex(@"^a (red|green|blue|yellow|purple|orange|white|pink) (circle|square|triangle|star|cross|ring) at the (left|right|top|bottom|center)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex CaptionPattern();
}
