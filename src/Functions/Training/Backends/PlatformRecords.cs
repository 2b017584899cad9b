using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>Which job of a platform is a run's, and what the platform last said of it; written only where it says something new.</summary>
internal sealed class PlatformRecords(TpoStorage storage)
{
    public Task<BackendJob?> FindAsync(string runId, CancellationToken cancellation) =>
        storage.TryReadJsonAsync<BackendJob>(Containers.Training, TrainingBlobs.Backend(runId), cancellation);

    public async Task PutAsync(string runId, BackendJob record, PlatformJob said, CancellationToken cancellation)
    {
        var now = record with { State = said.State, Word = said.Word, Sentence = said.Sentence };
        if (await FindAsync(runId, cancellation) != now)
            await storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Backend(runId), now, cancellation);
    }
}
