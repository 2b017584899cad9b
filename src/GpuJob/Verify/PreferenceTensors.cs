using Tpo.GpuJob.Model;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// The whole gradients and weights of one reference run in golden.safetensors, `RUN.gradSTEP.NAME`, `RUN.afterSTEPS.NAME` and
/// `RUN.mergedSTEPS.NAME`, and the norms of all gradients in golden.json, against the parameters that this build trains. Made before the
/// training starts.
/// </summary>
public sealed class PreferenceTensors : IDisposable
{
    private readonly PreferenceGolden.Run _run;
    private readonly LoraAdapter? _adapter;
    private readonly PreferenceFindings _compare;
    private readonly Dictionary<string, Parameter> _parameters;
    private readonly Dictionary<string, Tensor> _start;
    private readonly Dictionary<string, Tensor> _expected;
    private readonly HashSet<string> _open;

    public PreferenceTensors(PreferenceGolden golden, string run, LlavaQwenForCausalLM model, LoraAdapter? adapter, PreferenceFindings compare)
    {
        (_adapter, _compare) = (adapter, compare);
        _run = golden.Runs[run];
        _parameters = (adapter?.Parameters() ?? model.TrainableParameters()).ToDictionary(entry => entry.Name, entry => entry.Parameter, StringComparer.Ordinal);
        _start = _parameters.ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone(), StringComparer.Ordinal);
        using var scope = NewDisposeScope();
        _expected = TensorFile.ReadAll(golden.FileIn(PreferenceGolden.Tensors))
            .Where(entry => entry.Key.StartsWith($"{run}.", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[(run.Length + 1)..], entry => entry.Value.DetachFromDisposeScope(), StringComparer.Ordinal);
        _open = [.. _expected.Keys];
    }

    /// <summary>Gradients as they are now, before clipping.</summary>
    public IEnumerable<Finding> Gradients(int step)
    {
        var norms = _run.GradientNorms.GetValueOrDefault(step) ?? new Dictionary<string, double>();
        var whole = Of($"grad{step}.").ToList();
        double greatest = norms.Values.Concat(whole.Select(one => PreferenceFindings.L2(one.Expected))).DefaultIfEmpty().Max();
        foreach ((string name, Tensor expected) in whole)
            yield return _compare.OfTensor($"gradient of {name}", expected, _parameters.GetValueOrDefault(name)?.grad, greatest);
        foreach ((string name, double norm) in norms)
            yield return _compare.OfNorm($"norm of the gradient of {name}", norm, PreferenceFindings.L2(_parameters.GetValueOrDefault(name)?.grad), greatest);
    }

    /// <summary>Weights as they are now, and what became of them since the start.</summary>
    public IEnumerable<Finding> Weights(int steps)
    {
        foreach ((string key, Tensor expected) in Of($"after{steps}."))
        {
            string name = NameOf(key, steps);
            Parameter? found = _parameters.GetValueOrDefault(name);
            yield return _compare.OfTensor($"after {steps} steps {name}", expected, found);
            if (found is not null)
                yield return _compare.OfChange($"change in {steps} steps of {name}", expected, found, _start[name]);
        }
        foreach (Finding one in MergedWeights(steps))
            yield return one;
    }

    /// <summary>The weights of an adapter's layers with the adapter worked into them.</summary>
    private IEnumerable<Finding> MergedWeights(int steps)
    {
        if (_adapter is null)
            yield break;
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> found = _adapter.MergedWeights();
        foreach ((string name, Tensor expected) in Of(Merged(steps)))
            yield return _compare.OfTensor($"merged after {steps} steps {name}", expected, found.GetValueOrDefault(name));
    }

    /// <summary>Reference tensors that no moment of this run asked for.</summary>
    public IEnumerable<Finding> NotCompared() =>
        _open.Order(StringComparer.Ordinal).Select(key => Finding.Failed(key, "this tensor is of no step or kind that is computed here, so it was not compared"));

    public void Dispose()
    {
        foreach (Tensor tensor in _expected.Values.Concat(_start.Values))
            tensor.Dispose();
    }

    private IEnumerable<(string Name, Tensor Expected)> Of(string moment)
    {
        foreach ((string key, Tensor expected) in _expected.Where(entry => entry.Key.StartsWith(moment, StringComparison.Ordinal)))
        {
            _open.Remove(key);
            yield return (key[moment.Length..], expected);
        }
    }

    /// <summary>Beside a merged weight a reference may give that layer's `A` and `B` without its name.</summary>
    private string NameOf(string key, int steps)
    {
        string[] merged = [.. _expected.Keys.Where(other => other.StartsWith(Merged(steps), StringComparison.Ordinal))];
        return key is "A" or "B" && merged is [var one] ? LoraAdapter.NameOf(one[Merged(steps).Length..^".weight".Length], key) : key;
    }

    private static string Merged(int steps) => $"merged{steps}.";
}
