using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>Where a run's job is. The job itself is the same everywhere: it reads its request from storage, beats into it, and holds the run's lease.</summary>
public interface ITrainingBackend
{
    /// <summary>One of <see cref="TrainingBackends"/>.</summary>
    string Name { get; }

    /// <summary>Time between two looks: as short as beats where looking costs nothing.</summary>
    TimeSpan Interval { get; }

    /// <summary>Starts the run's job and does not wait; where one is under way already, it changes nothing.</summary>
    /// <exception cref="BackendException">it cannot be started; the message says why and what to do</exception>
    Task StartAsync(string runId, CancellationToken cancellation);

    /// <summary>What the platform says of the newest job of the run.</summary>
    /// <exception cref="BackendException">the platform did not say</exception>
    Task<PlatformJob> LookAsync(string runId, CancellationToken cancellation);

    /// <summary>Ends the job whatever it does; where none is under way, it changes nothing.</summary>
    /// <exception cref="BackendException">the platform refused</exception>
    Task CancelAsync(string runId, CancellationToken cancellation);

    /// <summary>The last lines that the job printed; empty where there are none.</summary>
    Task<string> LogTailAsync(string runId, CancellationToken cancellation);
}

/// <summary>A platform did not do what it was asked.</summary>
/// <param name="isPassing">the same may succeed later: too many requests, a fault of the service, no connection</param>
public sealed class BackendException(string sentence, bool isPassing = false, Exception? inner = null) : Exception(sentence, inner)
{
    public bool IsPassing { get; } = isPassing;
    public int? Status { get; init; }
    /// <summary>`error.code` of the answer.</summary>
    public string? Code { get; init; }
}
