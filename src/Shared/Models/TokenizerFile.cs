using System.Text;
using System.Text.Json;

namespace Tpo.Shared.Models;

/// <summary>Reads `tokenizer.json`, and refuses with a reason what this product would tokenize differently from the file's authors.</summary>
internal static class TokenizerFile
{
    public static Tokenizer Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The model has no tokenizer: '{path}' does not exist.", path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"'{path}' is no byte-level BPE tokenizer of the Qwen2 kind: {e.Message}", e);
        }
    }

    private static Tokenizer Read(JsonElement root)
    {
        var model = root.GetProperty("model");
        Require(model.GetProperty("type").GetString() == "BPE", "model.type is not 'BPE'.");
        Require(!model.TryGetProperty("ignore_merges", out var ignore) || ignore.ValueKind != JsonValueKind.True, "model.ignore_merges is true.");
        RequirePublishedPattern(root.GetProperty("pre_tokenizer"));

        var vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        var specials = root.GetProperty("added_tokens").EnumerateArray()
            .ToDictionary(token => token.GetProperty("content").GetString()!, token => token.GetProperty("id").GetInt32());
        var bytesOfId = new byte[]?[vocabulary.Values.Concat(specials.Values).Max() + 1];
        foreach (var (token, id) in vocabulary)
            bytesOfId[id] = ByteAlphabet.ToBytes(token);
        foreach (var (token, id) in specials)
            bytesOfId[id] = Encoding.UTF8.GetBytes(token);

        return new Tokenizer(Normalizes(root), new BytePairMerges(IdsOfBytes(vocabulary), Merges(model, vocabulary)), specials, bytesOfId);
    }

    private static bool Normalizes(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out var normalizer) || normalizer.ValueKind == JsonValueKind.Null)
            return false;
        var type = normalizer.GetProperty("type").GetString();
        Require(type == "NFC", $"normalizer.type is '{type}', not 'NFC'.");
        return true;
    }

    private static void RequirePublishedPattern(JsonElement preTokenizer)
    {
        var split = preTokenizer.TryGetProperty("pretokenizers", out var steps)
            ? steps.EnumerateArray().FirstOrDefault(step => step.GetProperty("type").GetString() == "Split")
            : preTokenizer;
        Require(split.ValueKind == JsonValueKind.Object && split.TryGetProperty("pattern", out _), "pre_tokenizer has no Split step.");
        var pattern = split.GetProperty("pattern").GetProperty("Regex").GetString();
        Require(pattern == PreTokenizer.Pattern, $"pre_tokenizer splits by '{pattern}', not by the published '{PreTokenizer.Pattern}'.");
    }

    private static int[] IdsOfBytes(Dictionary<string, int> vocabulary) =>
        [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetValue(ByteAlphabet.CharOf((byte)value).ToString(), out var id)
            ? id
            : throw new InvalidDataException($"the vocabulary lacks byte {value}."))];

    private static Dictionary<(int, int), (int, int)> Merges(JsonElement model, Dictionary<string, int> vocabulary)
    {
        var merges = new Dictionary<(int, int), (int, int)>();
        foreach (var merge in model.GetProperty("merges").EnumerateArray())
        {
            var (left, right) = merge.ValueKind == JsonValueKind.Array
                ? (merge[0].GetString()!, merge[1].GetString()!)
                : merge.GetString()!.Split(' ') is [var first, var second] ? (first, second)
                : throw new InvalidDataException($"merge {merges.Count} is not two tokens: '{merge}'.");
            if (!vocabulary.TryGetValue(left, out var leftId) || !vocabulary.TryGetValue(right, out var rightId)
                || !vocabulary.TryGetValue(left + right, out var id))
                throw new InvalidDataException($"merge {merges.Count}, '{left} {right}', needs a token that the vocabulary lacks.");
            merges.TryAdd((leftId, rightId), (merges.Count, id));
        }
        return merges;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}
