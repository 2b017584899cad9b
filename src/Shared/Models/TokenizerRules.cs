using System.Text.Json;

namespace Tpo.Shared.Models;

/// <summary>The settings of a `tokenizer.json` that this product follows, each required to be what it follows.</summary>
internal static class TokenizerRules
{
    /// <returns>true where the text is brought to NFC first</returns>
    /// <exception cref="InvalidDataException">a setting is another; the message names it</exception>
    public static bool Check(JsonElement root)
    {
        var model = Field(root, "model", JsonValueKind.Object, "model");
        Require(Text(model, "type", "model.type") == "BPE", "model.type is not 'BPE'.");
        foreach (var flag in new[] { "ignore_merges", "byte_fallback" })
            Require(!IsTrue(model, flag), $"model.{flag} is true.");
        foreach (var affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
            Require(IsAbsent(model, affix) || model.GetProperty(affix).ValueEquals(""), $"model.{affix} is set.");
        Require(IsAbsent(model, "dropout") || model.GetProperty("dropout").GetRawText() is "0" or "0.0", "model.dropout is set: merges would be random.");

        CheckPreTokenizer(Field(root, "pre_tokenizer", JsonValueKind.Object, "pre_tokenizer"));
        foreach (var part in new[] { "decoder", "post_processor" })
        {
            if (!IsAbsent(root, part))
                Require(Text(root.GetProperty(part), "type", $"{part}.type") == "ByteLevel", $"{part}.type is not 'ByteLevel'.");
        }
        if (IsAbsent(root, "normalizer"))
            return false;
        var normalizer = Text(root.GetProperty("normalizer"), "type", "normalizer.type");
        Require(normalizer == "NFC", $"normalizer.type is '{normalizer}', not 'NFC'.");
        return true;
    }

    /// <summary>A Split by the published pattern that keeps every piece, then bytes as characters without another split.</summary>
    private static void CheckPreTokenizer(JsonElement preTokenizer)
    {
        Require(Text(preTokenizer, "type", "pre_tokenizer.type") == "Sequence", "pre_tokenizer.type is not 'Sequence'.");
        JsonElement[] steps = [.. Field(preTokenizer, "pretokenizers", JsonValueKind.Array, "pre_tokenizer.pretokenizers").EnumerateArray()];
        string[] types = [.. steps.Select((step, i) => Text(step, "type", $"pre_tokenizer.pretokenizers[{i}].type"))];
        Require(types is ["Split", "ByteLevel"], $"pre_tokenizer's steps are {string.Join(", ", types)}; they have to be Split, ByteLevel.");
        var pattern = Text(Field(steps[0], "pattern", JsonValueKind.Object, "pre_tokenizer's pattern"), "Regex", "pre_tokenizer's pattern.Regex");
        Require(pattern == PreTokenizer.Pattern, $"pre_tokenizer splits by '{pattern}', not by the published '{PreTokenizer.Pattern}'.");
        Require(IsAbsent(steps[0], "behavior") || steps[0].GetProperty("behavior").ValueEquals("Isolated"), "pre_tokenizer's Split does not keep what it splits by ('Isolated').");
        Require(!IsTrue(steps[0], "invert"), "pre_tokenizer's Split is inverted.");
        Require(!IsTrue(steps[1], "add_prefix_space"), "pre_tokenizer's ByteLevel adds a space in front.");
        // The published library's default is to split once more by GPT-2's pattern.
        Require(!IsAbsent(steps[1], "use_regex") && !IsTrue(steps[1], "use_regex"), "pre_tokenizer's ByteLevel splits a second time (use_regex is not false).");
    }

    public static JsonElement Field(JsonElement parent, string name, JsonValueKind kind, string path)
    {
        Require(parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out _), $"{path} is missing.");
        var field = parent.GetProperty(name);
        Require(field.ValueKind == kind, $"{path} is no {kind.ToString().ToLowerInvariant()}.");
        return field;
    }

    public static bool IsTrue(JsonElement parent, string name) => parent.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;

    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }

    private static bool IsAbsent(JsonElement parent, string name) => !parent.TryGetProperty(name, out var field) || field.ValueKind == JsonValueKind.Null;

    private static string Text(JsonElement parent, string name, string path) => Field(parent, name, JsonValueKind.String, path).GetString()!;
}
