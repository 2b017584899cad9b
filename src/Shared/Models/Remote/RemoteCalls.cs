using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Tpo.Shared.Models.Remote;

/// <summary>
/// The one way to an endpoint, shared by all its callers: retries ▸ a turn (so many attempts at once) ▸ circuit breaker ▸ time limit ▸ the attempt.
/// A request that waits before its next attempt holds no turn.
/// </summary>
internal sealed class RemoteCalls : IDisposable
{
    private readonly RemoteModelSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly RemoteFaults _faults;
    private readonly UsageMeter _meter;
    private readonly SemaphoreSlim _turns;
    private readonly ResiliencePipeline _retries;
    private readonly ResiliencePipeline _attempt;
    private readonly Circuit _circuit;

    public RemoteCalls(RemoteModelSettings settings, TimeProvider clock, ILogger log)
    {
        (_settings, _clock, _log) = (settings, clock, log);
        _faults = new RemoteFaults(settings, clock);
        _meter = new UsageMeter(clock);
        _turns = new SemaphoreSlim(settings.MaxInFlight);
        _circuit = new Circuit(settings, clock, _faults, log);
        _retries = Retries();
        _attempt = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(_circuit.Options)
            .AddTimeout(TimeSpan.FromSeconds(settings.TimeoutSeconds))
            .Build();
    }

    public ModelUsage Usage => _meter.Snapshot();

    public RemoteFaults Faults => _faults;

    /// <param name="attempt">asks once; its result is a whole answer with its tokens where the service told them</param>
    /// <param name="repeatable">false as soon as a caller has seen a part of the answer: it is not asked again then</param>
    /// <exception cref="RemoteModelException">no whole answer was to be had</exception>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<(T Answer, UsageDetails? Usage)>> attempt, Func<bool> repeatable, CancellationToken cancellation)
    {
        _meter.Requested();
        var attempts = 0;
        try
        {
            var (answer, usage) = await _retries.ExecuteAsync(async stop => await InTurnAsync(SendAsync, repeatable, stop), cancellation);
            _meter.Answered(usage);
            return answer;
        }
        catch (OperationCanceledException)
        {
            _meter.Failed(RemoteFailure.Cancelled);
            throw;
        }
        catch (RemoteModelException last)
        {
            throw RemoteFaults.Final(last, attempts, repeatable());
        }

        async Task<(T, UsageDetails?)> SendAsync(CancellationToken stop)
        {
            using var flight = _meter.Sent(again: attempts++ > 0);
            return await attempt(stop);
        }
    }

    private async Task<T> InTurnAsync<T>(Func<CancellationToken, Task<T>> send, Func<bool> repeatable, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation);
        try
        {
            return await _attempt.ExecuteAsync(async stop => await TranslatedAsync(send, stop), cancellation);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            var failure = fault switch
            {
                TimeoutRejectedException => _faults.TimedOut(),
                BrokenCircuitException => _circuit.Refusal(),
                _ => fault as RemoteModelException,
            };
            _meter.Failed(failure?.Kind ?? RemoteFailure.Other);
            if (failure is null)
                throw;
            throw repeatable() ? failure : failure.NotTransient();
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>What the network and the package throw becomes one kind of exception, or a cancellation where that was its cause.</summary>
    private async Task<T> TranslatedAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken stop)
    {
        try
        {
            return await send(stop);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
        catch (Exception fault) when (_faults.Of(fault) is { } failure && failure != fault)
        {
            throw failure;
        }
    }

    private ResiliencePipeline Retries()
    {
        if (_settings.MaxAttempts == 1)
            return ResiliencePipeline.Empty;
        return new ResiliencePipelineBuilder { TimeProvider = _clock }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = _settings.MaxAttempts - 1,
            ShouldHandle = new PredicateBuilder().Handle<RemoteModelException>(failure => failure.IsTransient),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(_settings.BackoffSeconds),
            MaxDelay = TimeSpan.FromSeconds(_settings.MaxBackoffSeconds),
            // What the service asks for goes before the own guess.
            DelayGenerator = retry => ValueTask.FromResult(
                (retry.Outcome.Exception as RemoteModelException)?.RetryAfter is { Ticks: > 0 } asked ? asked : (TimeSpan?)null),
            OnRetry = retry =>
            {
                _log.LogWarning("attempt {Attempt} of {MaxAttempts} failed, again in {Seconds:0.0} s: {Failure}",
                    retry.AttemptNumber + 1, _settings.MaxAttempts, retry.RetryDelay.TotalSeconds, retry.Outcome.Exception?.Message);
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    public void Dispose() => _turns.Dispose();
}
