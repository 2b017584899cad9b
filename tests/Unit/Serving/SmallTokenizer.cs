using System.Text.Json;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A tokenizer.json made on the spot: the 256 bytes, a few merges, and Qwen's special tokens (and an image token) behind them.</summary>
internal static class SmallTokenizer
{
    public static readonly string[] Specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>"];

    public static string WriteTo(string folder, string? pattern = null)
    {
        var newLine = ByteAlphabet.CharOf((byte)'\n').ToString();
        string[][] merges = [["t", "h"], ["th", "e"], ["a", "a"], ["aa", "aa"], [newLine, newLine], ["|", ">"]];
        var vocabulary = new Dictionary<string, int>();
        for (var value = 0; value < 256; value++)
            vocabulary[ByteAlphabet.CharOf((byte)value).ToString()] = value;
        foreach (var merge in merges)
            vocabulary[merge[0] + merge[1]] = vocabulary.Count;
        var file = new
        {
            added_tokens = Specials.Select((content, index) => new { id = vocabulary.Count + index, content, special = true }),
            normalizer = new { type = "NFC" },
            pre_tokenizer = new
            {
                type = "Sequence",
                pretokenizers = new object[]
                {
                    new { type = "Split", pattern = new { Regex = pattern ?? PreTokenizer.Pattern }, behavior = "Isolated" },
                    new { type = "ByteLevel", use_regex = false },
                },
            },
            model = new { type = "BPE", vocab = vocabulary, merges },
        };
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), JsonSerializer.Serialize(file));
        return folder;
    }
}

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tpo-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
