namespace Tpo.Shared.Benchmarks;

/// <summary>
/// The letter of an answer by the rules that lmms-eval's benchmarks share since 2026-04-11 (`_task_utils/mcq_extract.py`, read at 75571cf; later
/// versions differ), over the letters that a question offers. The surest form of those present wins, and the last place within a form. Small letters are none.
/// </summary>
public static class SharedExtractor
{
    private const string Marks = ",.!?;:'\"";

    private static readonly string[] Phrases =
    [
        "the answer is", "answer is", "the correct answer is", "correct answer is", "the best answer is", "best answer is", "the correct option is",
        "correct option is", "the best option is", "best option is", "the choice is", "choice is", "the correct choice is", "correct choice is", "i choose",
        "i select", "i pick", "my answer is", "my choice is", "옵션", "정답은", "답은", "답:", "答案是", "答案为", "选", "答えは",
    ];

    /// <summary>Letter and what follows, from the surest to the least sure; the last stands for any occurrence.</summary>
    private static readonly (string Before, string After)[] Forms = [("(", ")"), ("", "."), ("", ":"), ("", ")"), ("", " "), ("", "")];

    /// <summary>The letter, or null where none of those offered is named.</summary>
    /// <param name="options">how many letters are offered, A onwards</param>
    public static string? Extract(string answer, int options)
    {
        var letters = Enumerable.Range('A', options).Select(code => (char)code).ToArray();
        var text = $" {Marks.Aggregate(answer.Trim(), (left, mark) => left.Trim(mark))} ";
        var bare = text.Trim();
        if (bare.Length == 0)
            return null;
        var found = AtStart(bare, letters) ?? AtEnd(bare, letters) ?? AfterPhrase(text, letters);
        foreach (var (before, after) in Forms)
            found ??= Latest(letters, letter => text.LastIndexOf($"{before}{letter}{after}", StringComparison.Ordinal));
        return found?.ToString();
    }

    private static char? AtStart(string bare, char[] letters) =>
        letters.Contains(bare[0]) && (bare.Length == 1 || !char.IsLetter(bare[1])) ? bare[0] : null;

    private static char? AtEnd(string bare, char[] letters) =>
        letters.Contains(bare[^1]) && (bare.Length == 1 || !char.IsLetter(bare[^2])) ? bare[^1] : null;

    /// <summary>Of each letter the first occurrence after any phrase, and of those the last: "The answer is B because A is wrong" reads as A.</summary>
    private static char? AfterPhrase(string text, char[] letters)
    {
        var lower = text.ToLowerInvariant();
        var starts = Phrases.Select(phrase => (Place: lower.IndexOf(phrase, StringComparison.Ordinal), phrase.Length))
            .Where(phrase => phrase.Place >= 0).Select(phrase => phrase.Place + phrase.Length).ToList();
        return Latest(letters, letter => starts.Select(start => text.IndexOf(letter, start)).DefaultIfEmpty(-1).Max());
    }

    private static char? Latest(char[] letters, Func<char, int> placeOf)
    {
        var (letter, place) = letters.Select(letter => (letter, Place: placeOf(letter))).MaxBy(found => found.Place);
        return place < 0 ? null : letter;
    }
}
