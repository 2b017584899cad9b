using System.Security.Cryptography;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Export;

/// <summary>
/// A low-rank adapter as PEFT saves one (adapter_config.json, adapter_model.safetensors), to be worked into a checkpoint's weights:
/// W' = W + (α / r) · B A, with A [r, in] and B [out, r].
/// </summary>
public sealed class AdapterFolder : IDisposable
{
    public const string WeightsFile = "adapter_model.safetensors";
    /// <summary>LLaVA's trainers put a projector that was trained along into a pickle of this name.</summary>
    private const string TrainedBeside = "non_lora_trainables.bin";
    private readonly Dictionary<string, (Tensor A, Tensor B, double Scale)> _changes = new(StringComparer.Ordinal);

    private AdapterFolder(string identity) => Identity = identity;

    /// <summary>SHA-256 over its two files.</summary>
    public string Identity { get; }

    /// <param name="weights">the tensors that graphs use; the adapter may change these and no others</param>
    /// <exception cref="InvalidDataException">a factor is missing, of another rank, or changes what the model does not have; or the adapter is of a kind that is not computed here</exception>
    public static AdapterFolder Open(string folder, IReadOnlyDictionary<string, StoredTensor> weights)
    {
        var config = AdapterConfig.Load(folder);
        var path = Path.Combine(folder, WeightsFile);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The adapter in '{folder}' has no {WeightsFile} (pickles such as adapter_model.bin are not read: save it again as safetensors).", path);
        if (File.Exists(Path.Combine(folder, TrainedBeside)))
            throw new InvalidDataException($"'{folder}' has {TrainedBeside}: weights that were trained beside the adapter and would be lost. Merge it with the code that trained it, or delete the file to do without.");

        var adapter = new AdapterFolder(Convert.ToHexStringLower(SHA256.HashData(
            [.. SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, AdapterConfig.FileName))), .. HashOf(path)])));
        try
        {
            adapter.Read(path, config, weights);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>What the adapter adds to rows of a weight, in f32 [rows, in]; null where it does not change that weight.</summary>
    public Tensor? Added(string weight, long row, long rows) =>
        _changes.TryGetValue(weight, out var change) ? LowRankChange.Added(change.A, change.B.narrow(0, row, rows), change.Scale) : null;

    public void Dispose()
    {
        foreach (var (a, b, _) in _changes.Values)
        {
            a.Dispose();
            b.Dispose();
        }
    }

    private void Read(string path, AdapterConfig config, IReadOnlyDictionary<string, StoredTensor> weights)
    {
        var entries = SafetensorsFile.ReadHeader(path);
        if (entries.Count == 0)
            throw new InvalidDataException($"'{path}' has no tensors: this adapter changes nothing.");
        foreach (var name in entries.Keys)
        {
            if (LoraAdapter.LayerOf(name) is not { } layer)
                throw new InvalidDataException($"'{path}' has the tensor '{name}', which is no low-rank factor ({LoraAdapter.NameOf("LAYER", "A")} or …lora_B.weight) of a linear layer.");
            var weight = $"{layer}.weight";
            if (_changes.ContainsKey(weight))
                continue;
            if (!weights.TryGetValue(weight, out var target) || target.Entry.Shape is not [var outputs, var inputs])
                throw new InvalidDataException($"'{path}' changes the layer '{layer}', which is no linear layer that this model is served with.");
            var rank = config.RankOf(layer);
            _changes[weight] = (Factor("A", rank, inputs), Factor("B", outputs, rank), config.ScaleOf(layer));

            Tensor Factor(string factor, params long[] shape)
            {
                var factorName = LoraAdapter.NameOf(layer, factor);
                if (!entries.TryGetValue(factorName, out var entry))
                    throw new InvalidDataException($"'{path}' has no tensor '{factorName}', only the other factor of that layer.");
                if (!entry.Shape.SequenceEqual(shape))
                    throw new InvalidDataException($"'{path}': '{factorName}' is [{string.Join(", ", entry.Shape)}]; the model and adapter_config.json ask for [{string.Join(", ", shape)}].");
                using var stored = TensorFile.Read(path, entry);
                return stored.to_type(ScalarType.Float32).clone();
            }
        }
    }

    private static byte[] HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return SHA256.HashData(file);
    }
}
