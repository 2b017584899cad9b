using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Tpo.Shared;
using Tpo.Shared.Costs;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>
/// What all stages share. A stage's blob name is made from its inputs, so where the blob exists the work is done: it is returned. The log says of every
/// unit whether it was reused, made for the first time, or redone, and why. A bad video comes back as data.
/// </summary>
public sealed class Stage(TpoStorage storage, Ledger ledger, Budget budget, TpoSettings settings, ILogger<Stage> log)
{
    /// <summary>The record at this name, made now where it is not there yet and the budget has room.</summary>
    public Task OnceAsync<T>(Unit unit, Func<Task<T>> make, Func<T, Cost>? cost, CancellationToken cancellation) =>
        OnceAsync(unit, make, cost, value => JsonSerializer.SerializeToUtf8Bytes(value, TpoJson.Indented), TpoStorage.JsonType, cancellation);

    /// <summary>The rows at this name, one JSON object a line.</summary>
    public Task OnceRowsAsync<T>(Unit unit, Func<Task<IReadOnlyList<T>>> make, CancellationToken cancellation) =>
        OnceAsync(unit, make, null, TpoStorage.JsonLines, TpoStorage.JsonLinesType, cancellation);

    /// <param name="cost">what the work says that it cost; null = what was measured while it ran</param>
    private async Task OnceAsync<T>(Unit unit, Func<Task<T>> make, Func<T, Cost>? cost, Func<T, byte[]> write, string contentType, CancellationToken cancellation)
    {
        if (await IsThereAsync(unit, cancellation))
            return;
        await budget.RequireRoomAsync(unit.VideoId, cancellation);
        using var meter = CostMeter.Start();
        var made = await make();
        var (spent, bytes) = (cost?.Invoke(made) ?? meter.Cost, write(made));
        await ledger.AddAsync(unit.Stage, unit.VideoId, unit.Blob, spent, bytes.Length, settings.Costs[unit.Stage].Of(spent), cancellation);
        await storage.WriteBytesAsync(Containers.Curation, unit.Blob, bytes, contentType, cancellation, unit.Inputs.ToMetadata());
    }

    private async Task<bool> IsThereAsync(Unit unit, CancellationToken cancellation)
    {
        if (await storage.ExistsAsync(Containers.Curation, unit.Blob, cancellation))
        {
            log.LogInformation("reused: {Blob}: nothing that it is made of has changed", unit.Blob);
            return true;
        }
        // Listings are dear: a video without a manifest was never curated to its end, so nothing of it is made a second time.
        if (await storage.ExistsAsync(Containers.Curation, CurationBlobs.Manifest(unit.VideoId), cancellation) && await NewestBeforeAsync(unit, cancellation) is { } former)
            log.LogInformation("redone: {Blob}: {Change}", unit.Blob, unit.Inputs.ChangeSince(former.Metadata.TryGetValue(WorkInputs.Metadata, out var inputs) ? inputs : null));
        else
            log.LogInformation("made: {Blob}", unit.Blob);
        return false;
    }

    /// <summary>What was made last in the unit's place, of other inputs.</summary>
    private async Task<BlobItem?> NewestBeforeAsync(Unit unit, CancellationToken cancellation)
    {
        BlobItem? newest = null;
        var place = unit.Blob[..(unit.Blob.LastIndexOf('-') + 1)];
        await foreach (var blob in storage.Container(Containers.Curation).GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, place, cancellation))
            if (newest is null || blob.Properties.LastModified > newest.Properties.LastModified)
                newest = blob;
        return newest;
    }

    public Task<T> ReadAsync<T>(string blob, CancellationToken cancellation) where T : class =>
        storage.ReadJsonAsync<T>(Containers.Curation, blob, cancellation);

    public async Task<IReadOnlyList<T>> ReadAllAsync<T>(IEnumerable<string> blobs, CancellationToken cancellation) where T : class
    {
        var records = new List<T>();
        foreach (var blob in blobs)
            records.Add(await ReadAsync<T>(blob, cancellation));
        return records;
    }

    public async Task ForgetAsync(IEnumerable<string> blobs, CancellationToken cancellation)
    {
        foreach (var blob in blobs)
            await storage.Container(Containers.Curation).DeleteBlobIfExistsAsync(blob, cancellationToken: cancellation);
    }

    /// <summary>The stage's result, or the sentence of the video that is too bad for it or of the budget that is full.</summary>
    public static async Task<T> GuardedAsync<T>(Func<Task<T>> stage) where T : StageResult, new()
    {
        try
        {
            return await stage();
        }
        catch (BadVideoException bad)
        {
            return new T { Failure = bad.Message };
        }
        catch (BudgetReachedException full)
        {
            return new T { Paused = full.Message };
        }
    }
}

/// <summary>A unit of work: whose it is and the blob that it makes.</summary>
public sealed record Unit(CostStage Stage, string VideoId, string Blob, WorkInputs Inputs);
