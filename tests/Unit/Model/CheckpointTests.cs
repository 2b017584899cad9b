using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _source = new();
    private readonly TemporaryFolder _saved = new();

    public CheckpointTests()
    {
        File.WriteAllText(Path.Combine(_source.Path, "config.json"), System.Text.Json.JsonSerializer.Serialize(TinyModel.Config));
        File.WriteAllText(Path.Combine(_source.Path, "tokenizer.json"), "{}");
    }

    [Fact]
    public void What_is_saved_is_loaded_again_bit_by_bit_and_saved_to_the_same_bytes()
    {
        LlavaQwenForCausalLM model = TinyModel.Create();
        Checkpoint.Save(model, _saved.Path, _source.Path);
        LlavaQwenForCausalLM loaded = Checkpoint.Load(_saved.Path);
        foreach (var ((name, before), (_, after)) in model.named_parameters().Zip(loaded.named_parameters()))
            Assert.True(TinyModel.Values(before).SequenceEqual(TinyModel.Values(after)), name);
        byte[] bytes = File.ReadAllBytes(Weights);
        Checkpoint.SaveWeights(loaded, Weights);
        Assert.Equal(bytes, File.ReadAllBytes(Weights));
        Assert.True(File.Exists(Path.Combine(_saved.Path, "tokenizer.json")));
    }

    [Fact]
    public void Half_precision_files_load_into_single_precision_weights()
    {
        LlavaQwenForCausalLM model = TinyModel.Create();
        Checkpoint.Save(model, _saved.Path, _source.Path, ScalarType.Float16);
        Assert.All(SafetensorsFile.ReadHeader(Weights).Values, entry => Assert.Equal("F16", entry.Dtype));
        Assert.Contains("\"torch_dtype\": \"float16\"", File.ReadAllText(Path.Combine(_saved.Path, "config.json")));
        LlavaQwenForCausalLM loaded = Checkpoint.Load(_saved.Path);
        foreach (var ((name, before), (_, after)) in model.named_parameters().Zip(loaded.named_parameters()))
        {
            Assert.Equal(ScalarType.Float32, after.dtype);
            Assert.True(TinyModel.Distance(TinyModel.Values(before), TinyModel.Values(after)) < 1e-3, name);
        }
    }

    [Fact]
    public void A_tied_head_has_no_weights_of_its_own()
    {
        LlavaQwenForCausalLM model = TinyModel.Create(TinyModel.Config with { TieWordEmbeddings = true });
        Assert.DoesNotContain("lm_head.weight", model.named_parameters().Select(entry => entry.name));
        Tensor logits = model.Logits(TinyModel.Numbers(3, 2, 16));
        Assert.Equal(new long[] { 2, TinyModel.Vocabulary }, logits.shape);
    }

    [Fact]
    public void One_error_names_every_tensor_that_does_not_fit()
    {
        Checkpoint.Save(TinyModel.Create(), _saved.Path, _source.Path);
        LlavaQwenForCausalLM other = TinyModel.Create(TinyModel.Config with { Layers = 1, VocabularySize = 50, NewlinePosition = "no_token", PatchMergeType = "flat" });
        LlavaQwenForCausalLM larger = TinyModel.Create(TinyModel.Config with { Layers = 3 });
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(other, _saved.Path)).Message;
        Assert.Contains("not of this model: model.layers.1.mlp.down_proj.weight", message);
        Assert.Contains("not of this model: model.image_newline", message);
        Assert.Contains("lm_head.weight is [40, 16], config.json asks for [50, 16]", message);
        Assert.Contains("missing: model.layers.2.mlp.down_proj.weight", Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(larger, _saved.Path)).Message);
    }

    [Fact]
    public void Where_one_tensor_does_not_fit_none_is_changed()
    {
        Checkpoint.Save(TinyModel.Create(), _saved.Path, _source.Path);
        LlavaQwenForCausalLM other = TinyModel.Create(TinyModel.Config with { Layers = 3 }, seed: 2);
        float[][] before = [.. other.parameters().Select(TinyModel.Values)];
        Assert.Throws<InvalidDataException>(() => Checkpoint.LoadWeights(other, _saved.Path));
        Assert.All(other.parameters().Zip(before), pair => Assert.Equal(pair.Second, TinyModel.Values(pair.First)));
    }

    [Fact]
    public void Weights_of_whole_numbers_are_refused()
    {
        Checkpoint.Save(TinyModel.Create(), _saved.Path, _source.Path, ScalarType.Int64);
        Assert.Contains("lm_head.weight has the type I64, weights are F32, F16, BF16, F64",
            Assert.Throws<InvalidDataException>(() => Checkpoint.Load(_saved.Path)).Message);
    }

    [Fact]
    public void Shards_with_an_index_load_like_one_file()
    {
        LlavaQwenForCausalLM model = TinyModel.Create();
        Checkpoint.Save(model, _saved.Path, _source.Path);
        File.Delete(Weights);
        var shards = model.named_parameters().Select((entry, i) => (entry.name, entry.parameter, File: $"model-{i % 3}.safetensors")).ToArray();
        foreach (var shard in shards.GroupBy(entry => entry.File))
            TensorFile.Write(Path.Combine(_saved.Path, shard.Key), shard.ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter));
        File.WriteAllText(Path.Combine(_saved.Path, "model.safetensors.index.json"),
            System.Text.Json.JsonSerializer.Serialize(new { weight_map = shards.ToDictionary(entry => entry.name, entry => entry.File) }));
        foreach (var ((name, before), (_, after)) in model.named_parameters().Zip(Checkpoint.Load(_saved.Path).named_parameters()))
            Assert.True(TinyModel.Values(before).SequenceEqual(TinyModel.Values(after)), name);
    }

    [Fact]
    public void Names_are_those_of_the_published_checkpoints()
    {
        CheckpointConfig config = TinyModel.Config with { Layers = 1 };
        string[] names = [.. new LlavaQwenForCausalLM(config).named_parameters().Select(entry => entry.name).Order(StringComparer.Ordinal)];
        Assert.Equal(
        [
            "lm_head.weight", "model.embed_tokens.weight", "model.image_newline",
            "model.layers.0.input_layernorm.weight", "model.layers.0.mlp.down_proj.weight", "model.layers.0.mlp.gate_proj.weight",
            "model.layers.0.mlp.up_proj.weight", "model.layers.0.post_attention_layernorm.weight", "model.layers.0.self_attn.k_proj.bias",
            "model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.o_proj.weight", "model.layers.0.self_attn.q_proj.bias",
            "model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.v_proj.bias", "model.layers.0.self_attn.v_proj.weight",
            "model.mm_projector.0.bias", "model.mm_projector.0.weight", "model.mm_projector.2.bias", "model.mm_projector.2.weight", "model.norm.weight",
            .. Vision("embeddings.patch_embedding.bias", "embeddings.patch_embedding.weight", "embeddings.position_embedding.weight"),
            .. Vision([.. new[] { "layer_norm1", "layer_norm2", "mlp.fc1", "mlp.fc2", "self_attn.k_proj", "self_attn.out_proj", "self_attn.q_proj", "self_attn.v_proj" }
                .SelectMany(part => new[] { $"encoder.layers.0.{part}.bias", $"encoder.layers.0.{part}.weight" })]),
            .. Vision("post_layernorm.bias", "post_layernorm.weight"),
        ], names);
    }

    private static IEnumerable<string> Vision(params string[] parts) => parts.Select(part => $"model.vision_tower.vision_tower.vision_model.{part}");

    private string Weights => Path.Combine(_saved.Path, "model.safetensors");

    public void Dispose()
    {
        _source.Dispose();
        _saved.Dispose();
    }
}
