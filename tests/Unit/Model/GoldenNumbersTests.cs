using System.Text.Json;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>The model computes what the published LLaVA-NeXT code computes, within 1e-4 of the greatest magnitude.</summary>
public sealed class GoldenNumbersTests
{
    private const double Tolerance = 1e-4;

    [GoldenFact("models/tiny-llava-video")]
    public void Tower_projector_pooling_decoder_and_head_equal_the_reference() => Check("tiny-llava-video");

    [GoldenFact("models/tiny-llava-video-tied-bf16")]
    public void So_do_bf16_shards_with_a_tied_head() => Check("tiny-llava-video-tied-bf16");

    [GoldenFact("models/tiny-longva")]
    public void So_does_a_clip_tower_without_newlines() => Check("tiny-longva");

    [GoldenFact("models/tiny-llava-video")]
    public void So_do_the_other_newline_modes_and_average_pooling()
    {
        string folder = Goldens.Folder("models", "tiny-llava-video")!;
        CheckpointConfig config = CheckpointConfig.Load(folder);
        foreach (var (name, other) in new[]
        {
            ("frame", config with { NewlinePosition = "frame" }),
            ("one_token", config with { NewlinePosition = "one_token" }),
            ("no_token", config with { NewlinePosition = "no_token" }),
            ("average", config with { PoolMode = "average" }),
        })
            CheckEmbeddings(folder, other, $"inputs_embeds.{name}", $"last_logits.{name}");
    }

    private static void Check(string name)
    {
        string folder = Goldens.Folder("models", name)!;
        CheckEmbeddings(folder, CheckpointConfig.Load(folder), "inputs_embeds", null);

        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        IReadOnlyDictionary<string, Tensor> golden = TensorFile.ReadAll(Path.Combine(folder, "golden.safetensors"));
        LlavaQwenForCausalLM model = Checkpoint.Load(folder);
        Tensor patches = model.EncodeFrames(golden["pixel_values"]);
        Tensor projected = model.Project(patches);
        Near(golden["vision_hidden"], patches, "vision_hidden");
        Near(golden["projected"], projected, "projected");
        Near(golden["pooled"], VideoTokens.Pool(projected, model.Config), "pooled");

        Tensor hidden = Decode(model, golden["inputs_embeds"]);
        Near(golden[$"decoder_hidden.{model.Config.Layers}"], hidden, "decoder_hidden");
        Near(golden["logits"], model.Logits(hidden), "logits");
    }

    private static void CheckEmbeddings(string folder, CheckpointConfig config, string embeds, string? lastLogits)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        IReadOnlyDictionary<string, Tensor> golden = TensorFile.ReadAll(Path.Combine(folder, "golden.safetensors"));
        var model = new LlavaQwenForCausalLM(config);
        Checkpoint.LoadWeights(model, folder);

        long[] ids = [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json"))).RootElement
            .GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt64())];
        int place = Array.IndexOf(ids, -200L);
        Tensor video = model.EncodeVideo(golden["pixel_values"]);
        Assert.Equal(VideoTokens.Count((int)golden["pixel_values"].shape[0], config), video.shape[0]);
        Tensor found = cat(new Tensor[] { model.Embed(tensor(ids[..place])), video, model.Embed(tensor(ids[(place + 1)..])) }, 0);
        Near(golden[embeds], found, embeds);
        if (lastLogits is not null)
        {
            Tensor hidden = Decode(model, found);
            Near(golden[lastLogits], model.Logits(hidden.narrow(0, hidden.shape[0] - 1, 1)), lastLogits);
        }
    }

    /// <summary>Plain causal attention. [T, d] → [T, d]</summary>
    private static Tensor Decode(LlavaQwenForCausalLM model, Tensor embeds)
    {
        long length = embeds.shape[0];
        Tensor segments = zeros(new long[] { 1, length }, ScalarType.Int64);
        return model.forward(embeds.unsqueeze(0), arange(length, ScalarType.Int64).unsqueeze(0), SharedPrefixBatch.Mask(segments)).squeeze(0);
    }

    private static void Near(Tensor expected, Tensor found, string what)
    {
        Assert.Equal(expected.shape, found.shape);
        double distance = TinyModel.Distance(TinyModel.Values(expected), TinyModel.Values(found));
        Assert.True(distance < Tolerance, $"{what} is {distance:E2} off");
    }
}
