using System.Threading.Channels;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Runs activities, a bounded number at a time, and logs their answers. At least once: one that was cut off runs again.</summary>
internal sealed class ActivityDispatcher(IDurableFunctions functions, HubState hub, LogWriter log, ILogger<ActivityDispatcher> logger)
{
    private readonly Channel<ActivityCall> queue = Channel.CreateUnbounded<ActivityCall>();
    private readonly CancellationTokenSource stopping = new();
    private Task[] loops = [];

    public void Start(int concurrency) => loops = [.. Enumerable.Range(0, concurrency).Select(_ => Task.Run(RunAsync))];

    public void Enqueue(ActivityCall call) => queue.Writer.TryWrite(call);

    /// <summary>Cancels the running activities and waits for them; what they still return counts, what they throw does not.</summary>
    public async Task StopAsync()
    {
        queue.Writer.TryComplete();
        await stopping.CancelAsync();
        await Task.WhenAll(loops);
    }

    private async Task RunAsync()
    {
        await foreach (var call in queue.Reader.ReadAllAsync())
        {
            if (stopping.IsCancellationRequested) return;
            lock (hub.Sync)
            {
                if (!hub.IsUnanswered(call)) continue; // its instance was terminated meanwhile
            }
            if (await AnswerAsync(call) is { } answer)
                log.Append(new MessageArrived(call.InstanceId, call.Execution, answer, DateTimeOffset.UtcNow));
        }
    }

    private async Task<Message?> AnswerAsync(ActivityCall call)
    {
        try
        {
            if (!functions.HasActivity(call.Name))
                throw new InvalidOperationException(
                    $"The activity '{call.Name}' does not exist in this app: was it renamed, removed or disabled?");
            return new TaskCompleted(call.TaskId,
                await functions.RunActivityAsync(call.Name, call.InstanceId, call.Input, stopping.Token));
        }
        catch (Exception e) when (stopping.IsCancellationRequested)
        {
            logger.LogInformation("Activity '{Name}' of '{InstanceId}' was cut off by the shutdown ({Reason}) and will run again.",
                call.Name, call.InstanceId, e.Message);
            return null;
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Activity '{Name}' of '{InstanceId}' failed: {Reason}", call.Name, call.InstanceId, e.Message);
            return new TaskFailed(call.TaskId, TaskFailureDetails.FromException(e));
        }
    }
}
