using System.Text.Json.Nodes;
using Tpo.GpuJob.Export;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Verify;
using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A model that is served with adapters merged answers as the trained one does, and says that its weights are others.</summary>
public sealed class MergedAdapterTests : IDisposable
{
    private static readonly int[] Ids = [5, 17, 40, 41, 99, 3];
    private readonly RandomCheckpoint _model = new();
    private readonly TemporaryFolder _adapter = new();
    private readonly TemporaryFolder _second = new();

    private string Converted => Path.Combine(_model.Folder, OnnxGraphs.Folder, ServingManifest.ConvertedFile);

    public void Dispose()
    {
        _model.Dispose();
        _adapter.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void Merged_weights_give_the_logits_of_the_model_with_its_adapter()
    {
        var expected = Save(_adapter.Path, rank: 4, alpha: 8, seed: 1);
        var plain = Logits();
        Export(_adapter.Path);
        Assert.True(GoldenModel.Distance(expected, plain) > 0.05, "the adapter should change something");
        Assert.True(GoldenModel.Distance(expected, Logits()) < 1e-4, $"{GoldenModel.Distance(expected, Logits())}");
    }

    [Fact]
    public void Several_are_merged_one_behind_the_other_and_the_order_does_not_matter_to_the_answers()
    {
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1);
        Save(_second.Path, rank: 2, alpha: 3, seed: 2);
        Export(_adapter.Path);
        var one = Logits();
        Export(_adapter.Path, _second.Path);
        var both = Logits();
        Export(_second.Path, _adapter.Path);
        Assert.True(GoldenModel.Distance(both, Logits()) < 1e-5);
        Assert.True(GoldenModel.Distance(both, one) > 0.01);
    }

    [Fact]
    public void The_served_revision_is_not_the_checkpoints_and_tells_adapters_apart()
    {
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1);
        Save(_second.Path, rank: 4, alpha: 8, seed: 2);
        var checkpoint = WeightFiles.Revision(_model.Folder);
        string Revision(params string[] adapters)
        {
            Export(adapters);
            using var model = VideoLanguageModel.Load(_model.Folder, "random");
            return model.Revision;
        }
        Assert.Equal(checkpoint, Revision());
        string[] revisions = [checkpoint, Revision(_adapter.Path), Revision(_second.Path), Revision(_adapter.Path, _second.Path)];
        Assert.Equal(4, revisions.Distinct().Count());
        Assert.All(revisions, revision => Assert.Matches("^[0-9a-f]{64}$", revision));
        Assert.Equal(revisions[1], Revision(_adapter.Path));
    }

    [Fact]
    public void Only_the_layers_that_an_adapter_names_are_changed()
    {
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1, only: "model.layers.1.self_attn.q_proj");
        Export(_adapter.Path);
        using var scope = NewDisposeScope();
        var before = TensorFile.ReadAll(Path.Combine(_model.Folder, WeightFiles.Single));
        var changed = TensorFile.ReadAll(Converted).Where(entry => !TensorValues.Of(entry.Value).Values.SequenceEqual(TensorValues.Of(before[entry.Key]).Values)).Select(entry => entry.Key);
        Assert.Equal(["model.layers.1.self_attn.q_proj.weight"], changed);
    }

    [Fact]
    public void A_weight_that_is_merged_in_pieces_gets_each_pieces_own_rows()
    {
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1);
        using var scope = NewDisposeScope();
        using var adapter = AdapterFolder.Open(_adapter.Path, WeightFiles.Tensors(_model.Folder));
        const string weight = "model.layers.0.mlp.up_proj.weight";
        var whole = TensorValues.Of(adapter.Added(weight, 0, 96)!);
        Assert.Equal(whole.Values[(10 * 64)..(30 * 64)], TensorValues.Of(adapter.Added(weight, 10, 20)!).Values);
        Assert.Null(adapter.Added("lm_head.weight", 0, 1));
    }

    [Fact]
    public void Rank_and_alpha_patterns_and_rank_stabilised_scaling_count()
    {
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1, only: "model.layers.1.self_attn.q_proj");
        Assert.Equal(2, Config("{}").ScaleOf("model.layers.1.self_attn.q_proj"));
        Assert.Equal(4, Config("""{"use_rslora": true}""").ScaleOf("model.layers.1.self_attn.q_proj"));
        var patterns = Config("""{"rank_pattern": {"layers.1.self_attn.q_proj": 16}, "alpha_pattern": {"q_proj": 64, "model.layers.0.mlp.up_proj": 1}}""");
        Assert.Equal((16, 4), (patterns.RankOf("model.layers.1.self_attn.q_proj"), patterns.ScaleOf("model.layers.1.self_attn.q_proj")));
        Assert.Equal((4, 16), (patterns.RankOf("model.layers.0.self_attn.q_proj"), patterns.ScaleOf("model.layers.0.self_attn.q_proj")));
        Assert.Equal((4, 2), (patterns.RankOf("model.layers.10.self_attn.xq_proj"), patterns.ScaleOf("model.layers.10.self_attn.xq_proj")));
    }

    [Theory]
    [InlineData("""{"use_dora": true}""", "use_dora = true")]
    [InlineData("""{"modules_to_save": ["lm_head"]}""", "modules_to_save")]
    [InlineData("""{"bias": "all"}""", "bias = \"all\"")]
    [InlineData("""{"fan_in_fan_out": true}""", "fan_in_fan_out")]
    [InlineData("""{"peft_type": "IA3"}""", "peft_type = \"IA3\"")]
    [InlineData("""{"init_lora_weights": "pissa"}""", "init_lora_weights = \"pissa\"")]
    [InlineData("""{"r": 5}""", "is [4, 96]; the model and adapter_config.json ask for [5, 96]")]
    [InlineData("""{"r": "many"}""", "is no adapter's config")]
    [InlineData("""{"lora_alpha": null}""", "has no lora_alpha")]
    public void What_merging_does_not_compute_is_refused_by_its_key(string change, string why)
    {
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1);
        Change(change);
        Refused(why);
    }

    [Fact]
    public void An_adapter_of_another_model_or_without_its_files_is_refused_by_name()
    {
        Refused("has no adapter_config.json");
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1);
        var file = Path.Combine(_adapter.Path, "adapter_model.safetensors");
        using (NewDisposeScope())
        {
            var tensors = TensorFile.ReadAll(file).ToDictionary();
            var half = tensors.Where(entry => !entry.Key.EndsWith("layers.1.mlp.up_proj.lora_B.weight", StringComparison.Ordinal)).ToDictionary();
            TensorFile.Write(file, half);
            Refused("layers.1.mlp.up_proj.lora_B.weight', only the other factor");
            TensorFile.Write(file, tensors.ToDictionary(entry => entry.Key.Replace("layers.1", "layers.7"), entry => entry.Value));
            Refused("model.layers.7.mlp.down_proj', which is no linear layer");
            TensorFile.Write(file, tensors.ToDictionary(entry => entry.Key.Replace("lora_", "lora_embedding_"), entry => entry.Value));
            Refused("lora_embedding_A.weight', which is no low-rank factor");
        }
        File.Delete(file);
        Refused("has no adapter_model.safetensors");
        Save(_adapter.Path, rank: 4, alpha: 8, seed: 1);
        File.WriteAllText(Path.Combine(_adapter.Path, "non_lora_trainables.bin"), "");
        Refused("trained beside the adapter");
    }

    [GoldenFact("dpo")]
    public void A_trained_golden_adapter_gives_the_golden_merged_weight()
    {
        const string layer = "model.layers.1.self_attn.q_proj";
        using var model = new GoldenModel("tiny-llava-video");
        using var scope = NewDisposeScope();
        var golden = TensorFile.ReadAll(Path.Combine(Goldens.Folder("dpo")!, "golden.safetensors"));
        TensorFile.Write(Path.Combine(_adapter.Path, "adapter_model.safetensors"), new Dictionary<string, Tensor>
        {
            [LoraAdapter.NameOf(layer, "A")] = golden["lora.after10.A"], [LoraAdapter.NameOf(layer, "B")] = golden["lora.after10.B"],
        });
        WriteConfig(_adapter.Path, rank: 4, alpha: 8);
        OnnxExporter.Export(model.Folder, new ExportOptions { Adapters = [_adapter.Path] });
        var path = Path.Combine(model.Folder, OnnxGraphs.Folder, ServingManifest.ConvertedFile);
        var merged = TensorFile.Read(path, SafetensorsFile.ReadHeader(path)[$"{layer}.weight"]);
        var finding = TensorValues.Compare(layer, TensorValues.Of(golden[$"lora.merged10.{layer}.weight"]), TensorValues.Of(merged), 1e-6);
        Assert.True(finding.Passed, finding.ToString());
    }

    /// <summary>Saves an adapter of random factors and returns what the model computes with it.</summary>
    private float[] Save(string folder, int rank, double alpha, int seed, string? only = null)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using LlavaQwenForCausalLM model = Checkpoint.Load(_model.Folder);
        using var adapter = new LoraAdapter(model, rank, alpha, seed);
        var random = new Random(seed);
        foreach (var (name, factor) in adapter.Parameters().Where(entry => entry.Name.EndsWith("B.weight", StringComparison.Ordinal)))
            factor.copy_(tensor(Enumerable.Range(0, (int)factor.numel()).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray()).reshape(factor.shape));
        TensorFile.Write(Path.Combine(folder, "adapter_model.safetensors"), adapter.Parameters().Where(entry => only is null || entry.Name.Contains(only, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name, entry => (Tensor)entry.Parameter));
        WriteConfig(folder, rank, alpha);
        return [.. TensorValues.Of(PlainSequence.LastLogits(model, PlainSequence.Embed(model, [.. Ids.Select(id => (long)id)], null))).Values.Select(value => (float)value)];
    }

    private static void WriteConfig(string folder, int rank, double alpha) => File.WriteAllText(Path.Combine(folder, AdapterConfig.FileName), new JsonObject
    {
        ["peft_type"] = "LORA", ["r"] = rank, ["lora_alpha"] = alpha, ["bias"] = "none", ["fan_in_fan_out"] = false, ["init_lora_weights"] = true,
        ["modules_to_save"] = null, ["rank_pattern"] = new JsonObject(), ["target_modules"] = new JsonArray("q_proj"),
    }.ToJsonString());

    private void Change(string json)
    {
        var path = Path.Combine(_adapter.Path, AdapterConfig.FileName);
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        foreach (var (key, value) in JsonNode.Parse(json)!.AsObject())
            config[key] = value?.DeepClone();
        File.WriteAllText(path, config.ToJsonString());
    }

    private AdapterConfig Config(string change)
    {
        WriteConfig(_adapter.Path, rank: 4, alpha: 8);
        Change(change);
        return AdapterConfig.Load(_adapter.Path);
    }

    private void Export(params string[] adapters) => OnnxExporter.Export(_model.Folder, new ExportOptions { Adapters = adapters });

    private void Refused(string why)
    {
        var error = Record.Exception(() => Export(_adapter.Path));
        Assert.True(error is InvalidDataException or FileNotFoundException, $"{error}");
        Assert.Contains(why, error!.Message);
        Assert.False(File.Exists(Converted));
    }

    private float[] Logits()
    {
        var exported = ExportedModel.Open(_model.Folder);
        using var text = new TextEmbedder(exported, new ServingOptions());
        using var decoder = new Decoder(exported, CheckpointConfig.Load(_model.Folder), new ServingOptions());
        using var cache = decoder.NewCache(8);
        return decoder.Append(cache, text.Embed(Ids), default);
    }
}
