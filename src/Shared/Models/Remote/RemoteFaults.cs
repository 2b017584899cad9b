using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Tpo.Shared.Models.Remote;

/// <summary>Makes one kind of failure and one sentence out of what the network, the OpenAI package and the service report.</summary>
internal sealed class RemoteFaults(RemoteModelSettings settings, TimeProvider clock)
{
    private readonly TimeSpan _longestWait = TimeSpan.FromSeconds(settings.MaxRetryAfterSeconds);

    /// <summary>Null where it is no failure of the remote side (a wrong argument, an identity without a token): that one passes as it is.</summary>
    public RemoteModelException? Of(Exception fault) => fault switch
    {
        RemoteModelException known => known,
        ClientResultException { Status: > 0 } answered => OfStatus(answered),
        ClientResultException or HttpRequestException or IOException or OperationCanceledException =>
            Transient(RemoteFailure.Connection, $"could not be reached, or broke the connection: {Innermost(fault).Message}", fault),
        // The package reads answers strictly and throws whatever its JSON reader throws; requests are checked before they come here.
        JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or IndexOutOfRangeException or NullReferenceException =>
            Transient(RemoteFailure.Malformed, $"sent an answer that is not what the protocol says: {fault.Message}", fault),
        _ => null,
    };

    public RemoteModelException TimedOut() =>
        Transient(RemoteFailure.Timeout, string.Create(CultureInfo.InvariantCulture, $"gave no whole answer within {settings.TimeoutSeconds:0.###} s (TimeoutSeconds)."));

    public RemoteModelException Truncated() => Transient(RemoteFailure.Truncated, "ended its stream before the answer's end (no finish_reason).");

    /// <summary>What the caller gets at the end: with the number of attempts, and what was already given away.</summary>
    public static RemoteModelException Final(RemoteModelException last, int attempts, bool repeatable) => last.WithMessage(
        !repeatable ? $"{last.Message} Part of the answer was already passed on, so it was not asked again; what was passed on is no answer."
        : attempts > 1 ? $"{last.Message} ({attempts} attempts.)"
        : last.Message);

    private RemoteModelException OfStatus(ClientResultException answered)
    {
        var response = answered.GetRawResponse();
        return OfStatus(answered.Status, ServiceMessage.Read(response?.Content), RetryAfter.Read(response, clock));
    }

    /// <param name="wait">null where the service names none</param>
    public RemoteModelException OfStatus(int status, ServiceMessage said, TimeSpan? wait)
    {
        var kind = status switch
        {
            429 => said.Code is "insufficient_quota" ? RemoteFailure.QuotaExceeded : RemoteFailure.RateLimited,
            408 or >= 500 => RemoteFailure.ServiceError,
            401 or 403 => RemoteFailure.Unauthorized,
            404 => RemoteFailure.NotFound,
            _ => RemoteFailure.Refused,
        };
        var name = Enum.IsDefined((HttpStatusCode)status) ? $"{status} {(HttpStatusCode)status}" : $"{status}";
        var told = Sentence($"answered {name}{(said.Code.Length > 0 ? $" ({said.Code})" : "")}: {said.Words}") + Advice(kind, status);
        var tooLong = wait > _longestWait;
        if (tooLong)
            told += string.Create(CultureInfo.InvariantCulture,
                $" It asks to wait {wait!.Value.TotalSeconds:0} s, more than the {settings.MaxRetryAfterSeconds:0.###} s that are waited (MaxRetryAfterSeconds).");
        return new RemoteModelException(kind, told)
        {
            Status = status, RetryAfter = wait, IsTransient = kind is RemoteFailure.RateLimited or RemoteFailure.ServiceError && !tooLong,
        };
    }

    private string Advice(RemoteFailure kind, int status) => kind switch
    {
        RemoteFailure.Unauthorized when settings.EntraId => " Give the app's identity the role Cognitive Services OpenAI User.",
        RemoteFailure.Unauthorized when settings.Key.Length == 0 => " No key is set.",
        RemoteFailure.Unauthorized => " Check the key.",
        RemoteFailure.NotFound => " Check the endpoint (it usually ends with /v1) and the model's name.",
        RemoteFailure.QuotaExceeded => " Waiting does not help: look at the account.",
        RemoteFailure.Refused when status is >= 300 and < 400 => " Redirects are not followed, so that the key goes nowhere else: set the endpoint's final address.",
        _ => "",
    };

    private RemoteModelException Transient(RemoteFailure kind, string what, Exception? inner = null) => new(kind, Sentence(what), inner) { IsTransient = true };

    /// <summary>Without the key, since a service or proxy may echo what it was sent.</summary>
    private string Sentence(string what)
    {
        var text = settings.Key.Length > 0 ? what.Replace(settings.Key, "***", StringComparison.Ordinal) : what;
        return $"The model {settings} {text}{(text[^1] is '.' or '…' ? "" : ".")}";
    }

    private static Exception Innermost(Exception fault)
    {
        while (fault.InnerException is { } inner)
            fault = inner;
        return fault;
    }
}
