namespace Tpo.Shared.Preferences.Hygiene;

/// <summary>Two wordings of one answer: the same content words in the same order, numbers as digits or as words.</summary>
public static class EquivalentAnswers
{
    private static readonly string[] Numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    public static bool Are(string first, string second) => Read(first).SequenceEqual(Read(second));

    private static IEnumerable<string> Read(string text) =>
        ContentWords.Of(text).Select(word => int.TryParse(word, out var number) && number < Numbers.Length ? Numbers[number] : word);
}
