using System.Text.Json.Nodes;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A file that would be tokenized otherwise than its authors do, or not at all, is refused with one sentence that names the place.</summary>
public sealed class TokenizerFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Mistakes => new()
    {
        { """{"model":null}""", "model is no object" },
        { """{"model":{"type":"Unigram"}}""", "model.type is not 'BPE'" },
        { """{"model":{"vocab":null}}""", "model.vocab is no object" },
        { """{"model":{"vocab":{"a":"x"}}}""", "model.vocab['a'] is \"x\", not a whole number" },
        { """{"model":{"vocab":{"zz":2000000000}}}""", "model.vocab['zz'] is 2000000000, not a whole number" },
        { """{"model":{"vocab":{"zz":-1}}}""", "model.vocab['zz'] is -1" },
        { """{"model":{"vocab":{"zz":97}}}""", "gives the id 97 to two tokens" },
        { """{"model":{"merges":{}}}""", "model.merges is no array" },
        { """{"model":{"merges":[["t"]]}}""", "merge 0 is not two tokens: [\"t\"]" },
        { """{"model":{"merges":["t h e"]}}""", "merge 0 is not two tokens" },
        { """{"model":{"merges":[["t","q"]]}}""", "merge 0, 't q', needs a token" },
        { """{"model":{"ignore_merges":true}}""", "model.ignore_merges is true" },
        { """{"model":{"byte_fallback":true}}""", "model.byte_fallback is true" },
        { """{"model":{"dropout":0.1}}""", "model.dropout is set" },
        { """{"model":{"end_of_word_suffix":"</w>"}}""", "model.end_of_word_suffix is set" },
        { """{"normalizer":{"type":"NFKC"}}""", "normalizer.type is 'NFKC', not 'NFC'" },
        { """{"decoder":{"type":"WordPiece"}}""", "decoder.type is not 'ByteLevel'" },
        { """{"post_processor":{"type":"TemplateProcessing"}}""", "post_processor.type is not 'ByteLevel'" },
        { """{"pre_tokenizer":{"type":"Whitespace"}}""", "pre_tokenizer.type is not 'Sequence'" },
        { """{"pre_tokenizer":{"pretokenizers":[]}}""", "pre_tokenizer's steps are" },
        { """{"added_tokens":[{"id":300}]}""", "added_tokens[0].content is missing" },
        { """{"added_tokens":[{"id":300,"content":""}]}""", "added_tokens[0].content is empty" },
        { """{"added_tokens":[{"id":"x","content":"<s>"}]}""", "added_tokens[0].id is no number" },
        { """{"added_tokens":[{"id":300,"content":"<s>","lstrip":true}]}""", "added_tokens[0].lstrip is true" },
        { """{"added_tokens":[{"id":300,"content":"<s>"},{"id":300,"content":"</s>"}]}""", "repeats the text or the id" },
        { """{"added_tokens":[{"id":257,"content":"<s>"}]}""", "the added token '<s>' has the id 257, which ordinary text can become" },
        { """{"added_tokens":[{"id":97,"content":"<s>"}]}""", "which ordinary text can become" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named(string change, string expected)
    {
        var path = Path.Combine(SmallTokenizer.WriteTo(_folder.Path), "tokenizer.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Merge(json, JsonNode.Parse(change)!.AsObject());
        File.WriteAllText(path, json.ToJsonString());
        Refused(expected);
    }

    [Theory]
    [InlineData("", "it is no valid JSON")]
    [InlineData("[1]", "its JSON is no object")]
    [InlineData("{\"model\":", "it is no valid JSON")]
    [InlineData("{}", "model is missing")]
    public void A_file_of_something_else_is_refused(string text, string expected)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "tokenizer.json"), text);
        Refused(expected);
    }

    [Fact]
    public void Another_pattern_is_refused_with_both()
    {
        SmallTokenizer.WriteTo(_folder.Path, pattern: @"\s+");
        Refused(@"pre_tokenizer splits by '\s+', not by the published");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("absent", Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(Path.Combine(_folder.Path, "absent"))).Message);

    [Fact]
    public void A_normalized_token_is_found_in_the_normal_form_only()
    {
        var path = Path.Combine(SmallTokenizer.WriteTo(_folder.Path), "tokenizer.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        json["added_tokens"] = JsonNode.Parse("""[{"id":400,"content":"<é>","normalized":true},{"id":401,"content":"<ü>","normalized":false}]""");
        File.WriteAllText(path, json.ToJsonString());
        var tokenizer = Tokenizer.Load(_folder.Path);
        Assert.Equal([400], tokenizer.EncodeWithSpecials("<e\u0301>"));
        Assert.DoesNotContain(401, tokenizer.EncodeWithSpecials("<u\u0308>"));
        Assert.Equal([401, 'a', 400], tokenizer.EncodeWithSpecials("<ü>a<é>"));
    }

    private void Refused(string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(_folder.Path));
        Assert.Contains(expected, error.Message);
        Assert.StartsWith($"'{Path.Combine(_folder.Path, "tokenizer.json")}' is no byte-level BPE tokenizer of the Qwen2 kind: ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>Objects are merged key by key; merges and added tokens are replaced, so that a mistake stands alone.</summary>
    private static void Merge(JsonObject into, JsonObject change)
    {
        foreach (var (key, value) in change)
        {
            if (value is JsonObject inner && into[key] is JsonObject old)
                Merge(old, inner);
            else
                into[key] = value?.DeepClone();
        }
    }
}
