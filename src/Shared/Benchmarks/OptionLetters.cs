namespace Tpo.Shared.Benchmarks;

/// <summary>Options and their letters, A onwards.</summary>
internal static class OptionLetters
{
    public static string Of(int index) => ((char)('A' + index)).ToString();

    /// <summary>"(A) text", one a line, a line break before each.</summary>
    public static string Bracketed(IEnumerable<string> options) => string.Concat(options.Select((text, i) => $"\n({Of(i)}) {text}"));

    /// <summary>"A. text", one a line, a line break before each.</summary>
    public static string Dotted(IEnumerable<string> options) => string.Concat(options.Select((text, i) => $"\n{Of(i)}. {text}"));
}
