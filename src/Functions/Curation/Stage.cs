using Microsoft.Extensions.Logging;
using Tpo.Shared.Media;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>
/// What all stages share. A stage's blob name is made from its inputs, so where the blob exists the work is done: it is returned, and the log says
/// so. A bad video comes back as data.
/// </summary>
public sealed class Stage(TpoStorage storage, ILogger<Stage> log)
{
    /// <summary>The record at this name, made now where it is not there yet.</summary>
    public async Task OnceAsync<T>(string blob, Func<Task<T>> make, CancellationToken cancellation)
    {
        if (await IsReusedAsync(blob, cancellation))
            return;
        await storage.WriteJsonAsync(Containers.Curation, blob, await make(), cancellation);
    }

    /// <summary>The rows at this name, made now where they are not there yet.</summary>
    public async Task OnceRowsAsync<T>(string blob, Func<Task<IReadOnlyList<T>>> make, CancellationToken cancellation)
    {
        if (await IsReusedAsync(blob, cancellation))
            return;
        await storage.WriteJsonLinesAsync(Containers.Curation, blob, await make(), cancellation);
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

    /// <summary>The stage's result, or the sentence of the video that is too bad for it.</summary>
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
    }

    private async Task<bool> IsReusedAsync(string blob, CancellationToken cancellation)
    {
        var exists = await storage.ExistsAsync(Containers.Curation, blob, cancellation);
        log.LogInformation(exists ? "reused: {Blob} exists, and its name is a hash of its inputs" : "making {Blob}", blob);
        return exists;
    }
}
