using Tpo.GpuJob.Model;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

public sealed class LoraAdapterTests
{
    private const int LinearLayersADecoderLayer = 7;

    [Fact]
    public void A_new_adapter_changes_nothing()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        float[] before = Hidden(model);
        using var adapter = new LoraAdapter(model, rank: 3, alpha: 6);
        Assert.Equal(before, Hidden(model));
    }

    [Fact]
    public void It_covers_every_linear_layer_of_the_decoder_and_nothing_else_is_trained()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using var adapter = new LoraAdapter(model, rank: 3, alpha: 6);
        string[] names = [.. adapter.Parameters().Select(entry => entry.Name)];
        Assert.Equal(2 * LinearLayersADecoderLayer * TinyModel.Config.Layers, names.Length);
        Assert.Contains("base_model.model.model.layers.1.self_attn.k_proj.lora_A.weight", names);
        Assert.All(names, name => Assert.StartsWith("base_model.model.model.layers.", name));
        Assert.Empty(model.TrainableParameters());
    }

    [Fact]
    public void The_checkpoints_names_stay_what_they_are()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        string[] before = [.. model.named_parameters().Select(entry => entry.name)];
        using var adapter = new LoraAdapter(model, rank: 3, alpha: 6);
        Assert.Equal(before, model.named_parameters().Select(entry => entry.name));
        Assert.Contains("model.layers.0.self_attn.q_proj.bias", before);
    }

    [Fact]
    public void Its_change_is_alpha_over_r_times_B_A_on_the_weight()
    {
        var layer = new LoraLinear(2, 2, hasBias: true);
        using (no_grad())
        {
            layer.get_parameter("weight")!.copy_(tensor(new float[] { 1, 2, 3, 4 }).reshape(new long[] { 2, 2 }));
            layer.get_parameter("bias")!.copy_(tensor(new float[] { 10, 20 }));
        }
        Tensor a = tensor(new float[] { 1, -1 }).reshape(new long[] { 1, 2 });
        Tensor b = tensor(new float[] { 2, 5 }).reshape(new long[] { 2, 1 });
        Tensor x = tensor(new float[] { 3, 1 });
        Assert.Equal([15f, 33f], TinyModel.Values(layer.forward(x)));
        layer.Change = new LowRankChange(nn.Parameter(a), nn.Parameter(b), Scale: 0.5);
        Assert.Equal([17f, 38f], TinyModel.Values(layer.forward(x)));
    }

    [Fact]
    public void Switched_off_the_model_is_the_one_it_was_put_on()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        float[] before = Hidden(model);
        var adapter = new LoraAdapter(model, rank: 3, alpha: 6);
        Disturb(adapter);
        Assert.NotEqual(before, Hidden(model));
        adapter.Enabled = false;
        Assert.Equal(before, Hidden(model));
        adapter.Enabled = true;
        Assert.NotEqual(before, Hidden(model));
        adapter.Dispose();
        Assert.Equal(before, Hidden(model));
    }

    [Fact]
    public void What_was_saved_is_what_is_loaded()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "adapter.safetensors");
        using LlavaQwenForCausalLM model = TinyModel.Create();
        float[] expected;
        using (var trained = new LoraAdapter(model, rank: 3, alpha: 6, seed: 1))
        {
            Disturb(trained);
            trained.Save(path);
            expected = Hidden(model);
        }
        using var adapter = new LoraAdapter(model, rank: 3, alpha: 6, seed: 2);
        adapter.Load(path);
        Assert.Equal(expected, Hidden(model));
    }

    [Fact]
    public void A_file_of_another_rank_is_refused_with_its_tensors_named()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "adapter.safetensors");
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using (var other = new LoraAdapter(model, rank: 2, alpha: 4))
            other.Save(path);
        using var adapter = new LoraAdapter(model, rank: 3, alpha: 6);
        var error = Assert.Throws<InvalidDataException>(() => adapter.Load(path));
        Assert.Contains("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight is [2, 16], the adapter has [3, 16]", error.Message);
    }

    [Fact]
    public void A_second_adapter_on_one_model_is_refused()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using var adapter = new LoraAdapter(model, rank: 1, alpha: 1);
        Assert.Contains("has an adapter already", Assert.Throws<InvalidOperationException>(() => new LoraAdapter(model, rank: 1, alpha: 1)).Message);
    }

    private static void Disturb(LoraAdapter adapter)
    {
        using var frozen = no_grad();
        foreach ((_, Parameter parameter) in adapter.Parameters())
            parameter.add_(0.1);
    }

    private static float[] Hidden(LlavaQwenForCausalLM model)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var sequence = new BranchedSequence(TinyModel.Tokens(1, 5), 0, [], [new Branch([], TinyModel.Tokens(2, 4))]);
        return TinyModel.Values(SharedPrefixBatch.Forward(model, [sequence], [null]));
    }
}
