using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Bench;

/// <summary>
/// `bench-100m`: a LLaVA-Qwen checkpoint of 100 million random weights in f32, the same bytes from the same seed. It knows nothing, but every
/// part of it computes as much as in a trained model, and its answers differ with the video and the question.
/// </summary>
public static class BenchModel
{
    private const int Seed = 2;
    /// <summary>Wide enough that answers differ with the question even behind 6,720 tokens of video (at 0.05 most begin alike).</summary>
    private const double Deviation = 0.07;
    private const string ConfigFile = "config.json", TokenizerFile = "tokenizer.json";

    /// <summary>Pictures of 378 × 378: 27 × 27 patches, pooled to 14 × 14, a newline a row: 210 tokens a frame.</summary>
    public static CheckpointConfig Large { get; } = Of(imageSize: 378);

    /// <summary>The same decoder for pictures of 112 × 112: 8 × 8 patches, pooled to 4 × 4, a newline a row: 20 tokens a frame.</summary>
    public static CheckpointConfig Small { get; } = Of(imageSize: 112);

    /// <summary>Writes config, weights and a tokenizer of the config's vocabulary, unless the folder has just that.</summary>
    /// <returns>whether anything was written</returns>
    public static bool Write(CheckpointConfig config, string folder, string tokenizerFolder)
    {
        var configFile = Path.Combine(folder, ConfigFile);
        var json = JsonSerializer.SerializeToNode(config)!;
        (json["initializer_range"], json["seed"]) = (Deviation, Seed);
        var wanted = json.ToJsonString();
        if (File.Exists(configFile) && File.ReadAllText(configFile) == wanted)
            return false;
        Directory.CreateDirectory(folder);
        WriteTokenizer(config.VocabularySize, tokenizerFolder, folder);
        using var model = new LlavaQwenForCausalLM(config);
        Initialisation.Initialise(model, Seed, Deviation);
        ForbidEnds(model, Tokenizer.Load(folder));
        Checkpoint.SaveWeights(model, Path.Combine(folder, WeightFiles.Single));
        // Last, so that a folder with a config is whole.
        File.WriteAllText(configFile, wanted);
        return true;
    }

    /// <summary>
    /// The end marks' logits are always 0, which is never the greatest of thousands: every answer is as long as it may be. A tied head is the
    /// embedding, which stays: there an answer may end early.
    /// </summary>
    private static void ForbidEnds(LlavaQwenForCausalLM model, Tokenizer tokenizer)
    {
        if (model.Config.TieWordEmbeddings)
            return;
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Parameter head = model.named_parameters().Single(entry => entry.name == "lm_head.weight").parameter;
        foreach (string mark in new[] { ChatTemplate.TurnEnd, ChatTemplate.EndOfText })
            head.narrow(0, tokenizer.SpecialId(mark), 1).zero_();
    }

    /// <summary>A small tokenizer with words that no text becomes behind its last id, so that whatever the model says can be read.</summary>
    private static void WriteTokenizer(int size, string from, string to)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(from, TokenizerFile)))!;
        var vocabulary = json["model"]!["vocab"]!.AsObject();
        for (var id = Tokenizer.Load(from).Size; id < size; id++)
            vocabulary[$"{ByteAlphabet.CharOf((byte)' ')}word{id}"] = id;
        File.WriteAllText(Path.Combine(to, TokenizerFile), json.ToJsonString());
    }

    private static CheckpointConfig Of(int imageSize) => new()
    {
        HiddenSize = 768, IntermediateSize = 2048, Layers = 12, Heads = 12, KeyValueHeads = 4, VocabularySize = 8192, MaxLength = 8192,
        NewlinePosition = "grid", PatchMergeType = "spatial_unpad", PoolMode = "bilinear",
        Vision = new VisionConfig { HiddenSize = 384, IntermediateSize = 1536, Layers = 6, Heads = 6, ImageSize = imageSize, PatchSize = 14 },
    };
}
