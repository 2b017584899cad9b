using Microsoft.Extensions.AI;

namespace Tpo.Shared.Models.Remote;

/// <summary>What was asked of one remote model since its client was made.</summary>
/// <param name="Requests">calls of this client</param>
/// <param name="Attempts">HTTP requests sent for them, failed ones too</param>
/// <param name="Retries">attempts that repeated one before</param>
/// <param name="Answers">requests that got a whole answer</param>
/// <param name="WithoutUsage">of these, answers whose tokens the service did not tell; they count as none below</param>
/// <param name="Failures">attempts, and requests that an open circuit or their caller ended, by what went wrong</param>
/// <param name="PromptTokens">as the service counts them in `usage`, of whole answers; what a failed attempt used up, services do not tell</param>
/// <param name="Seconds">in flight, summed over attempts; waiting for a turn or for the next attempt is not in it</param>
public sealed record ModelUsage(
    long Requests, long Attempts, long Retries, long Answers, long WithoutUsage, IReadOnlyDictionary<RemoteFailure, long> Failures,
    long PromptTokens, long CompletionTokens, double Seconds);

/// <summary>Counts as many callers ask at once; a snapshot is consistent in itself.</summary>
internal sealed class UsageMeter(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<RemoteFailure, long> _failures = [];
    private long _requests, _attempts, _retries, _answers, _withoutUsage, _promptTokens, _completionTokens;
    private double _seconds;

    public ModelUsage Snapshot()
    {
        lock (_gate)
            return new ModelUsage(
                _requests, _attempts, _retries, _answers, _withoutUsage, new SortedDictionary<RemoteFailure, long>(_failures),
                _promptTokens, _completionTokens, _seconds);
    }

    public void Requested()
    {
        lock (_gate)
            _requests++;
    }

    /// <summary>An attempt from its sending until disposal.</summary>
    public Flight Sent(bool again)
    {
        lock (_gate)
        {
            _attempts++;
            _retries += again ? 1 : 0;
        }
        return new Flight(this, clock, clock.GetTimestamp());
    }

    public void Answered(UsageDetails? usage)
    {
        lock (_gate)
        {
            _answers++;
            _withoutUsage += usage is null ? 1 : 0;
            _promptTokens += usage?.InputTokenCount ?? 0;
            _completionTokens += usage?.OutputTokenCount ?? 0;
        }
    }

    public void Failed(RemoteFailure kind)
    {
        lock (_gate)
            _failures[kind] = _failures.GetValueOrDefault(kind) + 1;
    }

    public readonly struct Flight(UsageMeter meter, TimeProvider clock, long since) : IDisposable
    {
        public void Dispose()
        {
            lock (meter._gate)
                meter._seconds += clock.GetElapsedTime(since).TotalSeconds;
        }
    }
}
