using Tpo.Shared.Models;

namespace Tpo.Cli.Benches.Serving;

/// <summary>Questions of 64 tokens each, all different.</summary>
internal static class BenchQuestions
{
    public const int Count = 10, Tokens = 64;

    private static readonly string[] Words =
        [" what", " comes", " after", " the", " red", " circle", " before", " a", " blue", " door", " opens", " and", " who", " walks", " out", "?", ",", " e", "."];

    public static string[] For(Tokenizer tokenizer) => [.. Enumerable.Range(0, Count).Select(number => Make(tokenizer, number))];

    /// <summary>Words in an order that depends on the number, each taken where it still fits.</summary>
    private static string Make(Tokenizer tokenizer, int number)
    {
        var text = $"Question {number}:";
        for (var place = number; tokenizer.Encode(text).Length is var length and < Tokens; place += 1 + number)
        {
            text = Enumerable.Range(0, Words.Length).Select(i => text + Words[(place + i) % Words.Length])
                .FirstOrDefault(longer => tokenizer.Encode(longer).Length is var more && more > length && more <= Tokens)
                ?? throw new CliFailure($"No word makes a question of {length} tokens longer.");
        }
        return text;
    }
}
