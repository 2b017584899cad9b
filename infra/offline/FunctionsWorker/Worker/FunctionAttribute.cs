namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a public method as a function. Names are unique in an app, ignoring case.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class FunctionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Retry of a whole invocation by the host; honoured for timer triggers only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>Retries after the first attempt; -1 retries for ever.</summary>
    public int MaxRetryCount { get; set; }
}

/// <summary>The same delay (hh:mm:ss) before every retry.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    public string DelayInterval { get; }
}

/// <summary>Delays that double from the minimum to the maximum (both hh:mm:ss).</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    public string MinimumInterval { get; }

    public string MaximumInterval { get; }
}
