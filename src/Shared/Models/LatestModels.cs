using Tpo.Shared.Storage;

namespace Tpo.Shared.Models;

/// <summary>Where `latest` points, since when, and on whose word. Kept in the catalog; what it replaced stays in the log.</summary>
/// <param name="By">`gate`, or who said so</param>
/// <param name="Why">a sentence: the gate's figures, or the person's reason</param>
/// <param name="GateGroup">the gate that moved it; null where a person did</param>
/// <param name="Before">where it pointed before</param>
public sealed record LatestModel(string ModelId, string Revision, string By, string Why, DateTimeOffset At, string? GateGroup = null, string? Before = null);

/// <summary>`latest`: the model that everything may rely on. Only a passed gate or a person moves it; registering a model does not.</summary>
public sealed class LatestModels(Catalog catalog, TpoSettings settings, TimeProvider clock)
{
    public const string Gate = "gate";
    private const string Key = "latest";

    /// <summary>Null before anything was promoted.</summary>
    public Task<LatestModel?> FindAsync(CancellationToken cancellation) => catalog.FindAsync<LatestModel>(Catalog.LatestModel, Key, cancellation);

    /// <summary>The promoted model, or the base model before any was.</summary>
    public async Task<string> IdAsync(CancellationToken cancellation) => (await FindAsync(cancellation))?.ModelId ?? settings.BaseModel;

    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<LatestModel>> HistoryAsync(CancellationToken cancellation) => catalog.HistoryAsync<LatestModel>(Catalog.LatestModel, Key, cancellation);

    /// <summary>Moves `latest`; the same gate moves it once.</summary>
    public async Task<LatestModel> PromoteAsync(ModelCard card, string by, string why, string? gateGroup, CancellationToken cancellation)
    {
        if (gateGroup is not null && (await HistoryAsync(cancellation)).LastOrDefault(moved => moved.GateGroup == gateGroup) is { } before)
            return before;
        var moved = new LatestModel(card.ModelId, card.Revision, by, why, clock.GetUtcNow(), gateGroup, await IdAsync(cancellation));
        await catalog.PutAsync(Catalog.LatestModel, Key, moved, cancellation);
        return moved;
    }
}
