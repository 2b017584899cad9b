namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Counts what is under way, so that someone can wait for a quiet moment.</summary>
internal sealed class Busyness
{
    private readonly Lock sync = new();
    private TaskCompletionSource? quiet;
    private int count;

    public void Enter()
    {
        lock (sync) count++;
    }

    public void Leave()
    {
        lock (sync)
        {
            if (--count > 0) return;
            quiet?.TrySetResult();
            quiet = null;
        }
    }

    /// <summary>Ends when nothing is under way, or after <paramref name="patience"/>.</summary>
    public async Task QuietAsync(TimeSpan patience)
    {
        Task until;
        lock (sync)
        {
            if (count == 0) return;
            quiet ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            until = quiet.Task;
        }
        try { await until.WaitAsync(patience); }
        catch (TimeoutException) { } // busy for long: whoever waits goes on
    }
}
