using System.Text.Json.Nodes;
using Tpo.GpuJob.Export;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>The exported graphs compute what the field's own code computes, and copy no weights.</summary>
public sealed class ExportedModelTests
{
    private const double Tolerance = 1e-3;

    [GoldenFact("models/tiny-llava-video")]
    public void LLaVA_Video_equals_its_golden() => Check("tiny-llava-video");

    [GoldenFact("models/tiny-longva")]
    public void LongVA_equals_its_golden() => Check("tiny-longva");

    [GoldenFact("models/tiny-llava-video-tied-bf16")]
    public void A_sharded_bf16_checkpoint_with_tied_embeddings_equals_its_golden() => Check("tiny-llava-video-tied-bf16");

    [GoldenFact("models/tiny-llava-video")]
    public void Every_newline_mode_and_average_pooling_equal_their_goldens()
    {
        foreach (var (key, value, golden) in new[]
        {
            ("mm_newline_position", "frame", "frame"), ("mm_newline_position", "one_token", "one_token"),
            ("mm_newline_position", "no_token", "no_token"), ("mm_spatial_pool_mode", "average", "average"),
        })
        {
            using var model = new GoldenModel("tiny-llava-video");
            Edit(model.Folder, key, value);
            OnnxExporter.Export(model.Folder);
            var (embeddings, _) = Embed(model);
            Assert.True(GoldenModel.Distance(model.Tensor($"inputs_embeds.{golden}"), embeddings) < Tolerance, $"inputs_embeds.{golden}");
            using var decoder = new Decoder(ExportedModel.Open(model.Folder), model.Config, new ServingOptions());
            using var cache = decoder.NewCache(embeddings.Length);
            Assert.True(GoldenModel.Distance(model.Tensor($"last_logits.{golden}"), decoder.Append(cache, embeddings, default)) < Tolerance, $"last_logits.{golden}");
        }
    }

    [GoldenFact("models/tiny-llava-video")]
    public void A_prompt_in_pieces_behind_a_rewound_prefix_equals_the_prompt_at_once()
    {
        using var model = new GoldenModel("tiny-llava-video");
        var (embeddings, video) = Embed(model);
        var width = model.Config.HiddenSize;
        using var decoder = new Decoder(ExportedModel.Open(model.Folder), model.Config, new ServingOptions());
        using var whole = decoder.NewCache(512);
        using var pieces = decoder.NewCache(300);
        var expected = decoder.AppendAndScore(whole, embeddings);

        decoder.Append(pieces, embeddings.AsMemory(0, video * width), default);
        decoder.Append(pieces, model.Tensor("inputs_embeds").AsMemory(5 * width, 40 * width), default);
        pieces.Rewind(video);
        var found = decoder.AppendAndScore(pieces, embeddings.AsMemory(video * width));
        Assert.True(GoldenModel.Distance(expected[(video * model.Config.VocabularySize)..], found) < 1e-4);
    }

    [GoldenFact("models/tiny-llava-video")]
    public void An_export_writes_kilobytes_and_leaves_the_weights_alone()
    {
        using var model = new GoldenModel("tiny-llava-video");
        Assert.True(model.Report.Bytes < 100_000, "graphs should be kilobytes");
        Assert.Equal(WeightFiles.Revision(Goldens.Folder("models", "tiny-llava-video")!), WeightFiles.Revision(model.Folder));
        Assert.Equal(["decoder.onnx", "embed.onnx", "serving.json", "vision.onnx"],
            Directory.GetFiles(model.Report.Folder).Select(file => Path.GetFileName(file)!).Order());
    }

    private static void Check(string name)
    {
        using var model = new GoldenModel(name);
        var (embeddings, _) = Embed(model);
        Assert.True(GoldenModel.Distance(model.Tensor("inputs_embeds"), embeddings) < Tolerance, "inputs_embeds");

        using var decoder = new Decoder(ExportedModel.Open(model.Folder), model.Config, new ServingOptions());
        using var text = new TextEmbedder(ExportedModel.Open(model.Folder), new ServingOptions());
        using var cache = decoder.NewCache(embeddings.Length / model.Config.HiddenSize + model.Greedy.Length);
        var logits = decoder.AppendAndScore(cache, embeddings);
        Assert.True(GoldenModel.Distance(model.Tensor("logits"), logits) < Tolerance, "logits");

        var next = TokenSampler.Likeliest(logits.AsSpan(^model.Config.VocabularySize..));
        var tokens = new List<int> { next };
        while (tokens.Count < model.Greedy.Length)
            tokens.Add(next = TokenSampler.Likeliest(decoder.Append(cache, text.Embed([next]), default)));
        Assert.Equal(model.Greedy, tokens);
    }

    /// <summary>The golden prompt around the golden pixels, and how many tokens stand up to the end of the video.</summary>
    private static (float[] Embeddings, int Video) Embed(GoldenModel model)
    {
        var config = CheckpointConfig.Load(model.Folder);
        using var vision = new VisionEncoder(ExportedModel.Open(model.Folder), config, new ServingOptions());
        using var text = new TextEmbedder(ExportedModel.Open(model.Folder), new ServingOptions());
        var mark = Array.IndexOf(model.InputIds, -200);
        float[] prefix = [.. text.Embed(model.InputIds[..mark]), .. vision.Encode(model.Pixels, default)];
        return ([.. prefix, .. text.Embed(model.InputIds[(mark + 1)..])], prefix.Length / config.HiddenSize);
    }

    private static void Edit(string folder, string key, JsonNode value)
    {
        var path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = value;
        File.WriteAllText(path, config.ToJsonString());
    }
}
