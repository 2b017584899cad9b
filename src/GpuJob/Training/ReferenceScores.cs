using System.Security.Cryptography;
using System.Text;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.GpuJob.Training;

/// <summary>
/// The start's log-probabilities of pairs, computed once: a run keeps its own (they must not change when it is resumed), and leaves them beside the dataset
/// version under a hash of all they depend on, for other runs of the same base model.
/// </summary>
public sealed class ReferenceScores
{
    private readonly TpoStorage _storage;
    private readonly string _own, _shared;
    private readonly Dictionary<string, ReferenceLogProbs> _scores;
    private bool _changed;

    private ReferenceScores(TpoStorage storage, string own, string shared, Dictionary<string, ReferenceLogProbs> scores, bool changed) =>
        (_storage, _own, _shared, _scores, _changed) = (storage, own, shared, scores, changed);

    /// <param name="own">blob of the `training` container</param>
    /// <param name="dataset">`name/version`</param>
    public static async Task<ReferenceScores> LoadAsync(
        TpoStorage storage, string own, string dataset, string baseRevision, TrainingRequest request, CancellationToken cancellation)
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes($"{baseRevision} {request.FramesPerVideo} {request.LabelMask} {request.ComputeType} qwen_1_5"));
        string shared = $"{dataset}/references/{Convert.ToHexStringLower(key)[..24]}.json";
        if (await storage.TryReadJsonAsync<Dictionary<string, ReferenceLogProbs>>(Containers.Training, own, cancellation) is { } kept)
            return new ReferenceScores(storage, own, shared, kept, changed: false);
        var others = await storage.TryReadJsonAsync<Dictionary<string, ReferenceLogProbs>>(Containers.Datasets, shared, cancellation);
        return new ReferenceScores(storage, own, shared, others ?? new Dictionary<string, ReferenceLogProbs>(StringComparer.Ordinal), changed: true);
    }

    public bool Has(string pairId) => _scores.ContainsKey(pairId);

    public ReferenceLogProbs this[string pairId]
    {
        get => _scores[pairId];
        set => (_scores[pairId], _changed) = (value, true);
    }

    public async Task SaveAsync(CancellationToken cancellation)
    {
        if (!_changed)
            return;
        await _storage.WriteJsonAsync(Containers.Training, _own, _scores, cancellation);
        await _storage.WriteJsonAsync(Containers.Datasets, _shared, _scores, cancellation);
        _changed = false;
    }
}
