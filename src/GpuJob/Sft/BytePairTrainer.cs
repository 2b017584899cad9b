using System.Text;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Sft;

/// <summary>What training a byte-level BPE gives: tokens in the order of their ids, and the merges in the order of their rank.</summary>
public sealed record BytePairVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges);

/// <summary>
/// Byte-pair encoding, learned: start from the 256 bytes and join the most frequent neighbours, again and again. Merges never cross the words of
/// the published pre-tokenizer. Ties go to the pair that is first in ordinal order, so the same text gives the same vocabulary everywhere.
/// </summary>
public static class BytePairTrainer
{
    public static BytePairVocabulary Train(IEnumerable<string> text, int maxTokens)
    {
        var words = text.SelectMany(PreTokenizer.Split).GroupBy(word => word, StringComparer.Ordinal)
            .Select(group => (Parts: Letters(group.Key), Count: group.Count())).ToList();
        var tokens = Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharOf((byte)value).ToString()).Order(StringComparer.Ordinal).ToList();
        var known = tokens.ToHashSet(StringComparer.Ordinal);
        var merges = new List<(string Left, string Right)>();
        while (tokens.Count < maxTokens && MostFrequentPair(words) is { } pair)
        {
            merges.Add(pair);
            if (known.Add(pair.Left + pair.Right))
                tokens.Add(pair.Left + pair.Right);
            foreach (var (parts, _) in words)
                Join(parts, pair);
        }
        return new BytePairVocabulary(tokens, merges);
    }

    private static List<string> Letters(string word) => [.. Encoding.UTF8.GetBytes(word).Select(value => ByteAlphabet.CharOf(value).ToString())];

    private static (string Left, string Right)? MostFrequentPair(List<(List<string> Parts, int Count)> words)
    {
        var counts = new Dictionary<(string Left, string Right), int>();
        foreach (var (parts, count) in words)
            for (var i = 0; i + 1 < parts.Count; i++)
                counts[(parts[i], parts[i + 1])] = counts.GetValueOrDefault((parts[i], parts[i + 1])) + count;
        if (counts.Count == 0)
            return null;
        return counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key.Left, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.Right, StringComparer.Ordinal).First().Key;
    }

    private static void Join(List<string> parts, (string Left, string Right) pair)
    {
        for (var i = 0; i + 1 < parts.Count; i++)
        {
            if (parts[i] != pair.Left || parts[i + 1] != pair.Right)
                continue;
            parts[i] += parts[i + 1];
            parts.RemoveAt(i + 1);
        }
    }
}
