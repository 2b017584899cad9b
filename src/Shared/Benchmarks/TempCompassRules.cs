namespace Tpo.Shared.Benchmarks;

/// <summary>TempCompass's rules for answers that need no judge. Null = no rule matches: "(C) text", "C text" and a small "c" match none.</summary>
public static class TempCompassRules
{
    private const string Letters = "ABCD";

    /// <summary>The lines behind the question's first.</summary>
    public static IReadOnlyList<string> Options(string question) => [.. question.Split('\n').Skip(1)];

    /// <summary>Whether the answer is the option, its letter, or begins with that letter and "." or ")".</summary>
    /// <param name="gold">"C. stacking red boxes"</param>
    public static bool? MultiChoice(string answer, string gold) => answer switch
    {
        _ when answer == gold => true,
        [var letter] when Letters.Contains(letter) => letter == gold[0],
        [var letter, '.' or ')', ..] when Letters.Contains(letter) => letter == gold[0],
        _ => null,
    };

    /// <summary>By the first letters: "not sure" is a no.</summary>
    public static string? YesNo(string answer)
    {
        var lower = answer.ToLowerInvariant();
        return lower.StartsWith("yes", StringComparison.Ordinal) ? "yes" : lower.StartsWith("no", StringComparison.Ordinal) ? "no" : null;
    }

    /// <summary>Whether the answer is the right caption: its whole line, its sentence (also behind a first ") "), its name ("Caption A") or that name's last word, dots aside.</summary>
    /// <param name="gold">"Caption B: The ball bounces."</param>
    public static bool? Caption(string answer, string question, string gold)
    {
        var sentence = answer.Contains(") ", StringComparison.Ordinal) ? answer.Split(") ")[1] : answer;
        var bare = answer.Replace(".", "", StringComparison.Ordinal);
        var forms = Options(question).Select(option => (Option: option, Parts: option.Split(": ", 2))).Where(option => option.Parts.Length == 2);
        var said = forms.Where(form => answer == form.Option || form.Parts[1] == answer || form.Parts[1] == sentence
            || Names(form.Parts[0]).Any(name => name == answer || name == bare)).ToList();
        return said.Count == 0 ? null : said.Any(form => form.Option == gold);
    }

    private static IEnumerable<string> Names(string name) => [name, name.Split(' ')[^1]];
}
