using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tpo.GpuJob.Export;
using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Serving;

/// <summary>
/// A whole model made on the spot: a LLaVA-Qwen checkpoint of random weights (SigLIP tower of 28×28 pixels, 6 tokens a frame) with a
/// tokenizer, exported for serving. It knows nothing, but every part of it computes.
/// </summary>
internal sealed class RandomCheckpoint : IDisposable
{
    public const int ImageSize = 28, TokensPerFrame = 6, MaxLength = 2048;
    public const int Vocabulary = 300;
    /// <summary>In the checkpoint, as in published ones, but no graph computes with it.</summary>
    public const string Unused = "model.vision_tower.vision_tower.vision_model.post_layernorm.weight";
    private const int Hidden = 64, Inner = 96, Layers = 2, KeyValueWidth = 32, Vision = 48, VisionInner = 64, Patch = 7, Patches = 16;

    private readonly TemporaryFolder _folder = new();

    public RandomCheckpoint(int seed = 1)
    {
        SmallTokenizer.WriteTo(Folder);
        File.WriteAllText(Path.Combine(Folder, "config.json"), JsonSerializer.Serialize(new
        {
            hidden_size = Hidden, intermediate_size = Inner, num_hidden_layers = Layers, num_attention_heads = 4, num_key_value_heads = 2,
            vocab_size = Vocabulary, tokenizer_model_max_length = MaxLength, mm_newline_position = "grid", mm_patch_merge_type = "spatial_unpad",
            vision_config = new
            {
                model_type = "siglip_vision_model", hidden_size = Vision, intermediate_size = VisionInner, num_hidden_layers = 1,
                num_attention_heads = 4, image_size = ImageSize, patch_size = Patch,
            },
        }));
        WriteWeights(new Random(seed));
        OnnxExporter.Export(Folder);
    }

    public string Folder => _folder.Path;

    /// <summary>Frames that differ from each other.</summary>
    public static IReadOnlyList<RgbFrame> Frames(int count) => [.. Enumerable.Range(0, count).Select(index =>
    {
        var rgb = new byte[3 * ImageSize * ImageSize];
        new Random(index).NextBytes(rgb);
        return new RgbFrame(ImageSize, ImageSize, rgb, index, index);
    })];

    public void Dispose() => _folder.Dispose();

    private void WriteWeights(Random random)
    {
        var header = new Dictionary<string, object>();
        var data = new MemoryStream();
        foreach (var (name, shape) in Tensors())
        {
            var norm = name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal);
            var values = new float[shape.Aggregate(1, (product, size) => product * size)];
            var scale = name.Contains("embed_tokens", StringComparison.Ordinal) ? 1 : 3 / Math.Sqrt(shape[^1]);
            for (var i = 0; i < values.Length; i++)
                values[i] = norm ? 1 : (float)((random.NextDouble() - 0.5) * 2 * scale);
            var start = data.Length;
            data.Write(MemoryMarshal.AsBytes<float>(values));
            header[name] = new { dtype = "F32", shape, data_offsets = new[] { start, data.Length } };
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(Path.Combine(Folder, "model.safetensors"), [.. length, .. json, .. data.ToArray()]);
    }

    private static IEnumerable<(string Name, int[] Shape)> Tensors()
    {
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        yield return ("lm_head.weight", [Vocabulary, Hidden]);
        yield return ("model.norm.weight", [Hidden]);
        yield return ("model.image_newline", [Hidden]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var module = $"model.layers.{layer}";
            yield return ($"{module}.input_layernorm.weight", [Hidden]);
            yield return ($"{module}.post_attention_layernorm.weight", [Hidden]);
            foreach (var tensor in Linear($"{module}.self_attn.q_proj", Hidden, Hidden)
                .Concat(Linear($"{module}.self_attn.k_proj", Hidden, KeyValueWidth)).Concat(Linear($"{module}.self_attn.v_proj", Hidden, KeyValueWidth)))
                yield return tensor;
            yield return ($"{module}.self_attn.o_proj.weight", [Hidden, Hidden]);
            yield return ($"{module}.mlp.gate_proj.weight", [Inner, Hidden]);
            yield return ($"{module}.mlp.up_proj.weight", [Inner, Hidden]);
            yield return ($"{module}.mlp.down_proj.weight", [Hidden, Inner]);
        }
        const string tower = "model.vision_tower.vision_tower.vision_model";
        const string block = $"{tower}.encoder.layers.0";
        yield return (Unused, [Vision]);
        yield return ($"{tower}.embeddings.patch_embedding.weight", [Vision, 3, Patch, Patch]);
        yield return ($"{tower}.embeddings.patch_embedding.bias", [Vision]);
        yield return ($"{tower}.embeddings.position_embedding.weight", [Patches, Vision]);
        foreach (var norm in new[] { "layer_norm1", "layer_norm2" })
        {
            yield return ($"{block}.{norm}.weight", [Vision]);
            yield return ($"{block}.{norm}.bias", [Vision]);
        }
        foreach (var tensor in new[] { "q_proj", "k_proj", "v_proj", "out_proj" }.SelectMany(part => Linear($"{block}.self_attn.{part}", Vision, Vision))
            .Concat(Linear($"{block}.mlp.fc1", Vision, VisionInner)).Concat(Linear($"{block}.mlp.fc2", VisionInner, Vision))
            .Concat(Linear("model.mm_projector.0", Vision, Hidden)).Concat(Linear("model.mm_projector.2", Hidden, Hidden)))
            yield return tensor;
    }

    private static IEnumerable<(string Name, int[] Shape)> Linear(string module, int inSize, int outSize) =>
        [($"{module}.weight", [outSize, inSize]), ($"{module}.bias", [outSize])];
}
