using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.GpuJob.Training;

/// <summary>
/// The life of one training process around the training itself: one job a run, a beat from the first second on, and a last word
/// for every way it can end. Exit codes: 0 done or cancelled, 1 failed, 3 already running elsewhere, 4 lease lost, 143 stopped after a checkpoint.
/// </summary>
public sealed class TrainingJob(TpoStorage storage, TpoSettings settings, string runId)
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int AlreadyRunning = 3;
    private const int LeaseLost = 4;
    private const int Stopped = 143;

    /// <param name="stop">fires on SIGTERM or Ctrl-C: the job saves a checkpoint after the current step and ends</param>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        JobLease? lease = await TryLeaseAsync(stop);
        if (lease is null)
            return stop.IsCancellationRequested ? Stopped : AlreadyRunning;
        await using var held = lease;
        await using var reporter = new RunReporter(storage, runId);
        using var silence = lease.Lost.Register(reporter.FallSilent);
        reporter.Start();
        string scratch = Path.Combine(settings.WorkFolder, "training", runId);
        try
        {
            var run = new TrainingRunner(storage, settings, runId, reporter, scratch);
            return await EndAsync(await run.RunAsync(stop, lease.Lost), reporter, lease);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || lease.Lost.IsCancellationRequested)
        {
            return await EndAsync(RunEnd.Stopped, reporter, lease);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            return await FailAsync(reporter, e.Message);
        }
        finally
        {
            if (Directory.Exists(scratch))
                Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task<JobLease?> TryLeaseAsync(CancellationToken stop)
    {
        try
        {
            JobLease? lease = await JobLease.TryAcquireAsync(storage, runId, stop);
            if (lease is null)
                Console.Error.WriteLine($"Run '{runId}' is already running: another process holds its lease.");
            return lease;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<int> FailAsync(RunReporter reporter, string sentence)
    {
        try
        {
            await reporter.SayNowAsync(JobPhase.Failed, sentence);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or AggregateException)
        {
            Console.Error.WriteLine($"The failure could not be written to storage: {e.Message}");
        }
        return Failed;
    }

    private static async Task<int> EndAsync(RunEnd end, RunReporter reporter, JobLease lease)
    {
        if (lease.Lost.IsCancellationRequested)
        {
            Console.Error.WriteLine("The lease was lost, so another process may own this run: nothing more is written.");
            return LeaseLost;
        }
        switch (end)
        {
            case RunEnd.Succeeded:
                await reporter.SayNowAsync(JobPhase.Succeeded);
                return Done;
            case RunEnd.Cancelled:
                await reporter.SayNowAsync(JobPhase.Cancelled, "The run was cancelled on request.");
                return Done;
            default:
                await reporter.SayNowAsync(JobPhase.Running, "The process was told to stop; the run goes on from its newest checkpoint when it is started again.");
                return Stopped;
        }
    }
}
