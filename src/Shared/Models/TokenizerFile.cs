using System.Text;
using System.Text.Json;

namespace Tpo.Shared.Models;

/// <summary>Reads `tokenizer.json`, and refuses with a reason what this product would tokenize differently from the file's authors.</summary>
internal static class TokenizerFile
{
    /// <summary>Ids above this are no vocabulary; an array is allocated up to the largest.</summary>
    private const int MostTokens = 4_000_000;

    public static Tokenizer Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The model has no tokenizer: '{path}' does not exist.", path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw Refusal(path, $"it is no valid JSON ({e.Message.TrimEnd('.')}).", e);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw Refusal(path, e.Message, e);
        }
    }

    private static InvalidDataException Refusal(string path, string reason, Exception cause) =>
        new($"'{path}' is no byte-level BPE tokenizer of the Qwen2 kind: {reason}", cause);

    private static Tokenizer Read(JsonElement root)
    {
        TokenizerRules.Require(root.ValueKind == JsonValueKind.Object, "its JSON is no object.");
        var normalizes = TokenizerRules.Check(root);
        var model = root.GetProperty("model");
        var vocabulary = Vocabulary(model);
        var specials = SpecialTokens(root);
        var merges = Merges(model, vocabulary);

        // What no merge and no byte makes cannot come out of text: this is where a special token's safety is decided.
        var reachable = merges.Select(merge => merge.Id).Concat(IdsOfBytes(vocabulary)).ToHashSet();
        foreach (var special in specials)
            TokenizerRules.Require(!reachable.Contains(special.Id), $"the added token '{special.Text}' has the id {special.Id}, which ordinary text can become.");

        var bytesOfId = new byte[]?[vocabulary.Values.Concat(specials.Select(special => special.Id)).Max() + 1];
        foreach (var (token, id) in vocabulary)
            bytesOfId[id] = ByteAlphabet.ToBytes(token);
        foreach (var special in specials)
            bytesOfId[special.Id] = Encoding.UTF8.GetBytes(special.Text);
        return new Tokenizer(normalizes, new BytePairMerges(IdsOfBytes(vocabulary), merges), specials, bytesOfId);
    }

    private static Dictionary<string, int> Vocabulary(JsonElement model)
    {
        var vocabulary = new Dictionary<string, int>();
        var tokens = new HashSet<int>();
        foreach (var entry in TokenizerRules.Field(model, "vocab", JsonValueKind.Object, "model.vocab").EnumerateObject())
        {
            var id = Id(entry.Value, $"model.vocab['{entry.Name}']");
            TokenizerRules.Require(vocabulary.TryAdd(entry.Name, id), $"model.vocab has the token '{entry.Name}' twice.");
            TokenizerRules.Require(tokens.Add(id), $"model.vocab gives the id {id} to two tokens, one of them '{entry.Name}'.");
        }
        return vocabulary;
    }

    private static List<SpecialToken> SpecialTokens(JsonElement root)
    {
        var specials = new List<SpecialToken>();
        if (!root.TryGetProperty("added_tokens", out var added) || added.ValueKind == JsonValueKind.Null)
            return specials;
        TokenizerRules.Require(added.ValueKind == JsonValueKind.Array, "added_tokens is no array.");
        foreach (var token in added.EnumerateArray())
        {
            var name = $"added_tokens[{specials.Count}]";
            TokenizerRules.Require(token.ValueKind == JsonValueKind.Object, $"{name} is no object.");
            var text = TokenizerRules.Field(token, "content", JsonValueKind.String, $"{name}.content").GetString()!;
            TokenizerRules.Require(text.Length > 0, $"{name}.content is empty.");
            foreach (var flag in new[] { "single_word", "lstrip", "rstrip" })
                TokenizerRules.Require(!TokenizerRules.IsTrue(token, flag), $"{name}.{flag} is true; added tokens are only taken as they are written.");
            var id = Id(TokenizerRules.Field(token, "id", JsonValueKind.Number, $"{name}.id"), $"{name}.id");
            TokenizerRules.Require(specials.All(other => other.Text != text && other.Id != id), $"{name} ('{text}', {id}) repeats the text or the id of another.");
            specials.Add(new SpecialToken(id, text, TokenizerRules.IsTrue(token, "normalized")));
        }
        return specials;
    }

    private static int[] IdsOfBytes(Dictionary<string, int> vocabulary) =>
        [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetValue(ByteAlphabet.CharOf((byte)value).ToString(), out var id)
            ? id
            : throw new InvalidDataException($"model.vocab lacks byte {value} ('{ByteAlphabet.CharOf((byte)value)}')."))];

    private static List<Merge> Merges(JsonElement model, Dictionary<string, int> vocabulary)
    {
        var merges = new List<Merge>();
        foreach (var merge in TokenizerRules.Field(model, "merges", JsonValueKind.Array, "model.merges").EnumerateArray())
        {
            var parts = merge.ValueKind switch
            {
                JsonValueKind.Array => [.. merge.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString()! : "")],
                JsonValueKind.String => merge.GetString()!.Split(' '),
                _ => Array.Empty<string>(),
            };
            TokenizerRules.Require(parts.Length == 2, $"merge {merges.Count} is not two tokens: {merge.GetRawText()}.");
            if (!vocabulary.TryGetValue(parts[0], out var left) || !vocabulary.TryGetValue(parts[1], out var right)
                || !vocabulary.TryGetValue(parts[0] + parts[1], out var id))
                throw new InvalidDataException($"merge {merges.Count}, '{parts[0]} {parts[1]}', needs a token that model.vocab lacks.");
            merges.Add(new Merge(left, right, merges.Count, id));
        }
        return merges;
    }

    private static int Id(JsonElement value, string name)
    {
        TokenizerRules.Require(value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id is >= 0 and < MostTokens,
            $"{name} is {value.GetRawText()}, not a whole number from 0 to {MostTokens - 1}.");
        return value.GetInt32();
    }
}
