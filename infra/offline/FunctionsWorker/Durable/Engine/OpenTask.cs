using Microsoft.DurableTask;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>An action of the orchestrator that waits for its answer.</summary>
internal abstract class OpenTask(string name, int id)
{
    protected string Name { get; } = name;

    protected int Id { get; } = id;

    /// <summary>Answers it. Runs the orchestrator's continuation before it returns.</summary>
    public abstract void Answer(Answer answer);
}

internal sealed class OpenTask<T>(string name, int id, DataConverter converter) : OpenTask(name, id)
{
    private readonly TaskCompletionSource<T> source = new();

    public Task<T> Task => source.Task;

    public void Cancel(CancellationToken token) => source.TrySetCanceled(token);

    public override void Answer(Answer answer)
    {
        switch (answer)
        {
            case TaskFailed failed:
                source.TrySetException(new TaskFailedException(Name, Id, failed.Failure));
                break;
            case TaskCompleted completed:
                T result;
                try
                {
                    result = converter.Deserialize<T>(completed.Result)!;
                }
                catch (Exception e)
                {
                    source.TrySetException(new InvalidOperationException(
                        $"The result of '{Name}' (#{Id}) cannot be read as {typeof(T)}: {e.Message}", e));
                    break;
                }
                source.TrySetResult(result);
                break;
            case TimerFired:
                source.TrySetResult(default!);
                break;
        }
    }
}
