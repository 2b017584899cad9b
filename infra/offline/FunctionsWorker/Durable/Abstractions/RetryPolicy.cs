namespace Microsoft.DurableTask;

/// <summary>Declarative retries: how many attempts (the first included) and how long to wait between them.</summary>
public class RetryPolicy
{
    private readonly Func<TaskFailureDetails, bool> handleFailure = _ => true;

    public RetryPolicy(int maxNumberOfAttempts, TimeSpan firstRetryInterval, double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null, TimeSpan? retryTimeout = null)
    {
        if (maxNumberOfAttempts <= 0) throw Bad(nameof(maxNumberOfAttempts), maxNumberOfAttempts, "must be greater than zero");
        if (firstRetryInterval <= TimeSpan.Zero) throw Bad(nameof(firstRetryInterval), firstRetryInterval, "must be greater than zero");
        if (!(backoffCoefficient >= 1.0)) throw Bad(nameof(backoffCoefficient), backoffCoefficient, "must be at least 1.0");
        if (maxRetryInterval < firstRetryInterval && maxRetryInterval != Timeout.InfiniteTimeSpan)
            throw Bad(nameof(maxRetryInterval), maxRetryInterval, "must be at least the first retry interval");
        if (retryTimeout < firstRetryInterval && retryTimeout != Timeout.InfiniteTimeSpan)
            throw Bad(nameof(retryTimeout), retryTimeout, "must be at least the first retry interval");

        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval ?? TimeSpan.FromHours(1);
        RetryTimeout = retryTimeout ?? Timeout.InfiniteTimeSpan;
    }

    public int MaxNumberOfAttempts { get; }

    public TimeSpan FirstRetryInterval { get; }

    public double BackoffCoefficient { get; }

    public TimeSpan MaxRetryInterval { get; }

    /// <summary>No retry is begun later than this after the first attempt; infinite by default.</summary>
    public TimeSpan RetryTimeout { get; }

    /// <summary>Says which failures are worth another attempt; all are by default.</summary>
    public Func<TaskFailureDetails, bool> HandleFailure { internal get => handleFailure; init => handleFailure = value; }

    private static ArgumentOutOfRangeException Bad(string name, object? value, string rule) => new(name, value, $"{name} {rule}.");
}
