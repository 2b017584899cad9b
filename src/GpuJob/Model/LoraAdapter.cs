using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// Low-rank changes of every linear layer of a model's decoder. Names are those of PEFT's adapter files:
/// `base_model.model.` + the layer's name + `.lora_A.weight` [r, in] or `.lora_B.weight` [out, r].
/// A new adapter changes nothing (B = 0). With it the model's own weights are frozen; switched off, the model is the one it was put on.
/// </summary>
public sealed class LoraAdapter : IDisposable
{
    private const string Prefix = "base_model.model.";
    private readonly (string Name, LoraLinear Layer, LowRankChange Change)[] _changes;

    /// <summary>Puts an adapter on a model that is already on its device.</summary>
    /// <param name="rank">r ≥ 1</param>
    /// <param name="alpha">the change is scaled by α / r</param>
    /// <param name="seed">of A, uniform in ±1/√in as a linear layer's weight</param>
    public LoraAdapter(LlavaQwenForCausalLM model, int rank, double alpha, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        var random = new Random(seed);
        _changes = [.. model.named_modules().Where(entry => entry.module is LoraLinear).OrderBy(entry => entry.name, StringComparer.Ordinal)
            .Select(entry => (entry.name, (LoraLinear)entry.module, Fresh((LoraLinear)entry.module, rank, alpha / rank, random)))];
        if (_changes.Any(entry => entry.Layer.Change is not null))
            throw new InvalidOperationException("The model has an adapter already: dispose that one first.");
        foreach (Parameter own in model.parameters())
            own.requires_grad = false;
        Enabled = true;
    }

    /// <summary>Whether the model computes with the adapter; without it, it is the reference of preference training.</summary>
    public bool Enabled
    {
        get => _changes[0].Layer.Change is not null;
        set
        {
            foreach ((_, LoraLinear layer, LowRankChange change) in _changes)
                layer.Change = value ? change : null;
        }
    }

    /// <summary>What training changes, in a fixed order.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters() =>
        [.. _changes.SelectMany(entry => new[] { (NameOf(entry.Name, "A"), entry.Change.A), (NameOf(entry.Name, "B"), entry.Change.B) })];

    /// <summary>What each layer's weight is with the adapter worked into it, by the checkpoint's names.</summary>
    public IReadOnlyDictionary<string, Tensor> MergedWeights() =>
        _changes.ToDictionary(entry => $"{entry.Name}.weight", entry => entry.Layer.MergedWeight(), StringComparer.Ordinal);

    /// <summary>The names of the layers that it changes, as the model names them.</summary>
    public IReadOnlyList<string> Layers => [.. _changes.Select(entry => entry.Name)];

    /// <summary>Works the changes into the model's weights for good; afterwards the model computes the same without it.</summary>
    public void Merge()
    {
        Enabled = true;
        foreach ((_, LoraLinear layer, _) in _changes)
            layer.Merge();
    }

    /// <summary>Takes the factors of an adapter file. Every layer's must be there, in this adapter's rank, and no other.</summary>
    public void Load(string path)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> stored = TensorFile.ReadAll(path);
        Dictionary<string, Parameter> own = Parameters().ToDictionary(entry => entry.Name, entry => entry.Parameter, StringComparer.Ordinal);
        string[] problems =
        [
            .. own.Keys.Except(stored.Keys).Select(name => $"missing: {name}"),
            .. stored.Keys.Except(own.Keys).Select(name => $"not of this adapter: {name}"),
            .. own.Keys.Intersect(stored.Keys).Where(name => !own[name].shape.SequenceEqual(stored[name].shape))
                .Select(name => $"{name} is [{string.Join(", ", stored[name].shape)}], the adapter has [{string.Join(", ", own[name].shape)}]"),
        ];
        if (problems.Length > 0)
            throw new InvalidDataException($"The adapter in '{path}' does not fit the model or the rank:\n  {string.Join("\n  ", problems)}");
        foreach ((string name, Parameter parameter) in own)
            parameter.copy_(stored[name]);
    }

    public void Save(string path) => TensorFile.Write(path, Parameters().ToDictionary(entry => entry.Name, entry => (Tensor)entry.Parameter));

    /// <summary>Takes the adapter off. The model's weights stay frozen.</summary>
    public void Dispose()
    {
        Enabled = false;
        foreach ((_, _, LowRankChange change) in _changes)
        {
            change.A.Dispose();
            change.B.Dispose();
        }
    }

    /// <summary>The name of a layer's `A` or `B`; the layer as the model names it.</summary>
    public static string NameOf(string layer, string factor) => $"{Prefix}{layer}.lora_{factor}.weight";

    /// <summary>The layer of an `A` or `B`; null for a tensor of another kind.</summary>
    public static string? LayerOf(string name) =>
        new[] { ".lora_A.weight", ".lora_B.weight" }.FirstOrDefault(name.EndsWith) is { } end && name.StartsWith(Prefix, StringComparison.Ordinal)
            ? name[Prefix.Length..^end.Length]
            : null;

    private static LowRankChange Fresh(LoraLinear layer, int rank, double scale, Random random)
    {
        double bound = 1 / Math.Sqrt(layer.Inputs);
        float[] values = [.. Enumerable.Range(0, rank * (int)layer.Inputs).Select(_ => (float)(bound * (2 * random.NextDouble() - 1)))];
        return new LowRankChange(
            nn.Parameter(tensor(values).reshape(new long[] { rank, layer.Inputs }).to_type(layer.Type).to(layer.Device)),
            nn.Parameter(zeros(new long[] { layer.Outputs, rank }, layer.Type, layer.Device)), scale);
    }
}
