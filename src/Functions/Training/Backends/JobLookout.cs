using Microsoft.Extensions.Logging;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>Puts together what a run's platform says and what its job writes into storage, and passes on what the watcher decides.</summary>
public sealed class JobLookout(TpoStorage storage, BackendChoice backends, TimeProvider clock, ILogger<JobLookout> log)
{
    /// <summary>Beats come every two seconds; a job silent for this long is taken for dead.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>The platform is asked first: what a job wrote before it ended is then seen.</summary>
    public async Task<JobSighting> SeeAsync(string runId, CancellationToken cancellation)
    {
        var (request, backend) = await BackendAsync(runId, cancellation);
        var local = backend.Name == TrainingBackends.Process;
        var (platform, refused) = await AskAsync(backend, runId, cancellation);
        var progress = await ProgressAsync(runId, cancellation);
        var runs = progress is not null && clock.GetUtcNow() - progress.Beat < Silence;
        var seen = new JobSighting(progress?.Phase ?? JobPhase.Starting, Beats: runs || platform.State != PlatformState.Absent)
        {
            Platform = local ? null : platform.State,
            WaitSeconds = backend.Interval == JobWatch.Interval ? null : backend.Interval.TotalSeconds,
            MaxHours = request.Budget?.MaxHours,
        };
        if (local && request.Budget is null)
            return seen;
        seen = seen with { Runs = runs ? true : null, Cancelling = await CancellingAsync(runId, cancellation) ? true : null };
        if (seen.IsFinal || local || runs)
            return seen;
        if (refused)
            return seen with { Phase = await LastWordAsync(runId, JobPhase.Failed, platform.Sentence!, cancellation) };
        if (seen.Cancelling == true && platform.State is PlatformState.Absent or PlatformState.Ended)
            return seen with { Phase = await LastWordAsync(runId, JobPhase.Cancelled, "The run was cancelled on request.", cancellation) };
        return platform.State == PlatformState.Ended
            ? seen with { Phase = await LastWordAsync(runId, JobPhase.Failed, await WhyAsync(backend, runId, platform, cancellation), cancellation) }
            : seen;
    }

    /// <summary>A job that cannot be started is the run's end, told by its last word.</summary>
    public async Task StartAsync(string runId, CancellationToken cancellation)
    {
        var (_, backend) = await BackendAsync(runId, cancellation);
        try
        {
            await backend.StartAsync(runId, cancellation);
        }
        catch (BackendException e)
        {
            await LastWordAsync(runId, JobPhase.Failed, e.Message, cancellation);
        }
    }

    /// <param name="sentence">why, where it is not on a person's request; the first reason stays</param>
    public async Task CancelAsync(string runId, string? sentence, bool atPlatform, CancellationToken cancellation)
    {
        if (!await CancellingAsync(runId, cancellation))
            await storage.WriteTextAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), sentence ?? "cancel", "text/plain", cancellation);
        if (!atPlatform)
            return;
        var (_, backend) = await BackendAsync(runId, cancellation);
        try
        {
            await backend.CancelAsync(runId, cancellation);
        }
        catch (BackendException e)
        {
            log.LogWarning("The job of run {Run} could not be ended and is asked again: {Reason}", runId, e.Message);
        }
    }

    /// <summary>A run that failed while its job may live elsewhere: nobody watches it any more, so it shall cost nothing any more.</summary>
    public async Task LetGoAsync(string runId, CancellationToken cancellation)
    {
        if (await storage.TryReadJsonAsync<BackendJob>(Containers.Training, TrainingBlobs.Backend(runId), cancellation) is not null)
            await CancelAsync(runId, "The run failed, so that its job was ended.", atPlatform: true, cancellation);
    }

    /// <summary>Why the run was asked to end, where that was not a person's request.</summary>
    public async Task<string?> WhyCancelledAsync(string runId, CancellationToken cancellation) =>
        await storage.TryReadTextAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), cancellation) is { Length: > 0 } text && text != "cancel" ? text : null;

    private async Task<(PlatformJob Job, bool Refused)> AskAsync(ITrainingBackend backend, string runId, CancellationToken cancellation)
    {
        try
        {
            return (await backend.LookAsync(runId, cancellation), false);
        }
        catch (BackendException e)
        {
            log.LogWarning("The platform did not say how the job of run {Run} is: {Reason}", runId, e.Message);
            return (new PlatformJob(PlatformState.Unknown, Sentence: e.Message), !e.IsPassing);
        }
    }

    private async Task<(TrainingRequest Request, ITrainingBackend Backend)> BackendAsync(string runId, CancellationToken cancellation)
    {
        var request = await storage.ReadJsonAsync<TrainingRequest>(Containers.Training, TrainingBlobs.Request(runId), cancellation);
        return (request, backends[request.Backend]);
    }

    private static async Task<string> WhyAsync(ITrainingBackend backend, string runId, PlatformJob job, CancellationToken cancellation)
    {
        var lines = await backend.LogTailAsync(runId, cancellation);
        return $"{job.Sentence ?? $"The job ended as {job.Word}, without a last word."}{(lines.Length > 0 ? $" Its last lines: {lines}" : " It printed nothing.")}";
    }

    /// <summary>Only where no job lives any more: two would write the same blob.</summary>
    private async Task<JobPhase> LastWordAsync(string runId, JobPhase phase, string sentence, CancellationToken cancellation)
    {
        var progress = await ProgressAsync(runId, cancellation) ?? new TrainingProgress(phase, 0, 0, null, clock.GetUtcNow());
        await storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Progress(runId), progress with { Phase = phase, Message = sentence }, cancellation);
        return phase;
    }

    private Task<bool> CancellingAsync(string runId, CancellationToken cancellation) =>
        storage.ExistsAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), cancellation);

    private Task<TrainingProgress?> ProgressAsync(string runId, CancellationToken cancellation) =>
        storage.TryReadJsonAsync<TrainingProgress>(Containers.Training, TrainingBlobs.Progress(runId), cancellation);
}
