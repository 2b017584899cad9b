using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Models;

/// <summary>One of a tokenizer's `added_tokens`.</summary>
/// <param name="Normalized">it is looked for in the text's normal form, not in the text as it came</param>
internal sealed record SpecialToken(int Id, string Text, bool Normalized);

/// <summary>Finds added tokens in text, as the Python libraries do: those that are not normalized first, the leftmost, the longest.</summary>
internal sealed class SpecialTokens
{
    private readonly Regex? _asWritten;
    private readonly Regex? _inNormalForm;

    public SpecialTokens(IReadOnlyCollection<SpecialToken> tokens)
    {
        Ids = tokens.ToFrozenDictionary(token => token.Text, token => token.Id);
        _asWritten = AnyOf(tokens.Where(token => !token.Normalized));
        _inNormalForm = AnyOf(tokens.Where(token => token.Normalized));
    }

    public FrozenDictionary<string, int> Ids { get; }

    /// <summary>The text's stretches in order; those that are a token come with its id.</summary>
    public IEnumerable<(string Text, int? Id)> Split(string text, Func<string, string> normalize) =>
        Split(text, _asWritten).SelectMany(piece => piece.Id is null ? Split(normalize(piece.Text), _inNormalForm) : [piece]);

    private IEnumerable<(string Text, int? Id)> Split(string text, Regex? tokens)
    {
        var start = 0;
        for (var match = tokens?.Match(text); match is { Success: true }; match = match.NextMatch())
        {
            if (match.Index > start)
                yield return (text[start..match.Index], null);
            yield return (match.Value, Ids[match.Value]);
            start = match.Index + match.Length;
        }
        if (start < text.Length)
            yield return (text[start..], null);
    }

    private static Regex? AnyOf(IEnumerable<SpecialToken> tokens)
    {
        string[] texts = [.. tokens.Select(token => token.Text).OrderByDescending(text => text.Length)];
        return texts.Length == 0 ? null : new Regex(string.Join('|', texts.Select(Regex.Escape)), RegexOptions.CultureInvariant);
    }
}
