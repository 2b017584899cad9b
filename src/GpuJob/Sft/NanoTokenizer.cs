using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Sft;

/// <summary>Trains and writes the small model's own `tokenizer.json`, in the structure of Qwen2.5's: every word of the world is one token, any text still encodes.</summary>
public static class NanoTokenizer
{
    public const int MaxTokens = 1024;
    private const string EndOfText = "<|endoftext|>";
    private static readonly string[] Specials = [EndOfText, ChatTemplate.TurnStart, ChatTemplate.TurnEnd];
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    /// <summary>Everything the model reads or writes: the chat's frame, the world's questions and answers, in the prompts of four benchmarks.</summary>
    public static IEnumerable<string> Text()
    {
        yield return "system\nYou are a helpful assistant.\nuser\nassistant\n";
        yield return SceneLanguage.Nothing;
        yield return $"{SceneLanguage.DescribeFirstFrame}\n{SceneLanguage.DescribeLastFrame}\n{SceneLanguage.LettersOfAll}\n{SceneLanguage.WhichIs("sun")}, A, B, C, D\n{string.Join(' ', SceneLanguage.Words)}";
        foreach (var part in new StepPart[] { new(SampleView.Frame, 1, 1, 8, false, Easy: true), new(SampleView.Short, 1, 8, 20, false), new(SampleView.Text, 1, 0, 20, true) })
        {
            for (var index = 0; index < 150; index++)
            {
                var random = new WorldRandom((ulong)index);
                var shown = World.Video("train", 0, index, WorldShape.Videos).Sights();
                yield return SftSampler.Story(shown);
                foreach (var question in SftSampler.Questions(part, shown, random))
                    yield return $"\n{question.Prompt}\n{question.Answer}";
            }
        }
    }

    /// <summary>Writes tokenizer.json and tokenizer_config.json; returns the tokenizer that they make.</summary>
    public static Tokenizer Write(string modelFolder)
    {
        Directory.CreateDirectory(modelFolder);
        var vocabulary = BytePairTrainer.Train(Text(), MaxTokens - Specials.Length);
        File.WriteAllText(Path.Combine(modelFolder, "tokenizer.json"), Json(vocabulary).ToJsonString(Layout) + "\n");
        File.WriteAllText(Path.Combine(modelFolder, "tokenizer_config.json"), Configuration().ToJsonString(Layout) + "\n");
        return Tokenizer.Load(modelFolder);
    }

    private static JsonObject Json(BytePairVocabulary vocabulary) => new()
    {
        ["version"] = "1.0", ["truncation"] = null, ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. Specials.Select((text, i) => new JsonObject
        {
            ["id"] = vocabulary.Tokens.Count + i, ["content"] = text, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false,
            ["normalized"] = false, ["special"] = true,
        })]),
        ["normalizer"] = new JsonObject { ["type"] = "NFC" },
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = PreTokenizer.Pattern }, ["behavior"] = "Isolated", ["invert"] = false,
                },
                ByteLevel(addPrefixSpace: false, useRegex: false)),
        },
        ["post_processor"] = null,
        ["decoder"] = ByteLevel(addPrefixSpace: true, useRegex: true),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = null, ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false, ["byte_fallback"] = false, ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(vocabulary.Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. vocabulary.Merges.Select(merge => (JsonNode)$"{merge.Left} {merge.Right}")]),
        },
    };

    private static JsonObject ByteLevel(bool addPrefixSpace, bool useRegex) => new()
    {
        ["type"] = "ByteLevel", ["add_prefix_space"] = addPrefixSpace, ["trim_offsets"] = true, ["use_regex"] = useRegex,
    };

    private static JsonObject Configuration() => new()
    {
        ["tokenizer_class"] = "Qwen2Tokenizer", ["add_prefix_space"] = false,
        ["additional_special_tokens"] = new JsonArray(ChatTemplate.TurnStart, ChatTemplate.TurnEnd),
        ["bos_token"] = null, ["clean_up_tokenization_spaces"] = false, ["eos_token"] = ChatTemplate.TurnEnd, ["errors"] = "replace",
        ["model_max_length"] = NanoModel.MaxLength, ["pad_token"] = EndOfText, ["split_special_tokens"] = false, ["unk_token"] = null,
    };
}
