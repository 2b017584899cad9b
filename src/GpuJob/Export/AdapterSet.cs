using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Export;

/// <summary>The adapters that are merged in one export, in order.</summary>
public sealed class AdapterSet : IDisposable
{
    private readonly List<AdapterFolder> _adapters = [];

    public AdapterSet(IEnumerable<string> folders, IReadOnlyDictionary<string, StoredTensor> weights)
    {
        try
        {
            foreach (var folder in folders)
                _adapters.Add(AdapterFolder.Open(folder, weights));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool None => _adapters.Count == 0;

    public string[] Identities => [.. _adapters.Select(adapter => adapter.Identity)];

    /// <summary>Rows of a weight with all adapters worked in, in f32 where one changes it; as they were where none does.</summary>
    public Tensor Merge(string weight, long row, Tensor rows)
    {
        foreach (var adapter in _adapters)
            if (adapter.Added(weight, row, rows.shape[0]) is { } added)
                rows = rows.to_type(ScalarType.Float32) + added;
        return rows;
    }

    public void Dispose() => _adapters.ForEach(adapter => adapter.Dispose());
}
