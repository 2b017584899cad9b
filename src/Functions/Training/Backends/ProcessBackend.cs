using Tpo.Shared;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>A child process of this machine that outlives the app (<see cref="ProcessJob"/>): its beat alone tells whether it lives.</summary>
public sealed class ProcessBackend(ProcessJob jobs, TpoSettings settings) : ITrainingBackend
{
    public string Name => TrainingBackends.Process;

    public TimeSpan Interval => JobWatch.Interval;

    public Task StartAsync(string runId, CancellationToken cancellation)
    {
        jobs.StartTraining(runId);
        return Task.CompletedTask;
    }

    public Task<PlatformJob> LookAsync(string runId, CancellationToken cancellation) =>
        Task.FromResult(new PlatformJob(jobs.StartedWithin(runId, JobLookout.Silence) ? PlatformState.Starting : PlatformState.Absent));

    /// <summary>Nothing: a job of this machine reads in storage that it shall end, after its step.</summary>
    public Task CancelAsync(string runId, CancellationToken cancellation) => Task.CompletedTask;

    public Task<string> LogTailAsync(string runId, CancellationToken cancellation) => JobLog.TailOfFileAsync(JobLog.FileOf(settings, runId), cancellation);
}
