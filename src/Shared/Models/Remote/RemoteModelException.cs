namespace Tpo.Shared.Models.Remote;

/// <summary>Why a remote model gave no answer, in the words that accounting and callers use.</summary>
public enum RemoteFailure
{
    /// <summary>429: too many requests or tokens for now.</summary>
    RateLimited,
    /// <summary>408 or 5xx.</summary>
    ServiceError,
    /// <summary>No whole answer within the time of one attempt.</summary>
    Timeout,
    /// <summary>Could not connect, or the connection broke.</summary>
    Connection,
    /// <summary>An answer that is not what the protocol says.</summary>
    Malformed,
    /// <summary>A stream that ended before its answer did.</summary>
    Truncated,
    /// <summary>Not sent: too many attempts before it failed.</summary>
    CircuitOpen,
    /// <summary>401 or 403.</summary>
    Unauthorized,
    /// <summary>404: no such endpoint or model.</summary>
    NotFound,
    /// <summary>The account's quota or budget is used up; waiting does not help.</summary>
    QuotaExceeded,
    /// <summary>Any other status: the request itself is not taken (too long, not allowed, filtered).</summary>
    Refused,
    /// <summary>The caller gave up.</summary>
    Cancelled,
    /// <summary>None of these, such as an identity that gets no token.</summary>
    Other,
}

/// <summary>A remote model's failure as a sentence that names endpoint, model, status and the service's own words, never the key.</summary>
public sealed class RemoteModelException(RemoteFailure kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public RemoteFailure Kind { get; } = kind;
    /// <summary>The HTTP status where there was one.</summary>
    public int? Status { get; init; }
    /// <summary>How long the service asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
    /// <summary>The same request may succeed later.</summary>
    public bool IsTransient { get; init; }
    /// <summary>It tells that the endpoint is ill: these open the circuit. A rate limit does not, the service lives and says when to come back.</summary>
    internal bool IsIllness => Kind is RemoteFailure.ServiceError or RemoteFailure.Timeout or RemoteFailure.Connection or RemoteFailure.Malformed or RemoteFailure.Truncated;

    internal RemoteModelException NotTransient() => new(Kind, Message, InnerException) { Status = Status, RetryAfter = RetryAfter };

    internal RemoteModelException WithMessage(string message) => new(Kind, message, InnerException) { Status = Status, RetryAfter = RetryAfter, IsTransient = IsTransient };
}
