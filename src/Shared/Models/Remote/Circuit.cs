using System.Globalization;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Tpo.Shared.Models.Remote;

/// <summary>When an endpoint counts as ill, and what callers are told while it does.</summary>
internal sealed class Circuit(RemoteModelSettings settings, TimeProvider clock, RemoteFaults faults, ILogger log)
{
    private volatile Opening? _opening;

    public CircuitBreakerStrategyOptions Options => new()
    {
        FailureRatio = 0.5,
        MinimumThroughput = settings.BreakerAttempts,
        SamplingDuration = TimeSpan.FromSeconds(settings.BreakerWindowSeconds),
        BreakDuration = TimeSpan.FromSeconds(settings.BreakerOpenSeconds),
        ShouldHandle = new PredicateBuilder().Handle<TimeoutRejectedException>().Handle<RemoteModelException>(failure => failure.IsIllness),
        OnOpened = opened =>
        {
            var now = clock.GetUtcNow();
            var last = opened.Outcome.Exception is TimeoutRejectedException ? faults.TimedOut().Message : opened.Outcome.Exception?.Message ?? "";
            _opening = new Opening(now, now + opened.BreakDuration, last);
            log.LogError("{Failure}", Refusal().Message);
            return ValueTask.CompletedTask;
        },
        OnClosed = _ =>
        {
            log.LogInformation("the circuit to {Model} is closed again", settings);
            return ValueTask.CompletedTask;
        },
    };

    /// <summary>What a request gets that was not sent.</summary>
    public RemoteModelException Refusal()
    {
        var opening = _opening;
        var now = clock.GetUtcNow();
        var until = opening?.Until > now
            ? string.Create(CultureInfo.InvariantCulture, $"until {opening.Until:u}")
            : "and one attempt is finding out whether it is well again";
        return new RemoteModelException(RemoteFailure.CircuitOpen, string.Create(CultureInfo.InvariantCulture,
            $"The model {settings} is not asked: since {opening?.Since:u}, {until}, its circuit is open because at least half of its attempts failed. The last failure: {opening?.Last}"))
        {
            RetryAfter = opening?.Until - now,
        };
    }

    private sealed record Opening(DateTimeOffset Since, DateTimeOffset Until, string Last);
}
