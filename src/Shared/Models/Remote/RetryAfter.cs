using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.Http.Headers;

namespace Tpo.Shared.Models.Remote;

/// <summary>How long a service asks to wait (RFC 9110 section 10.2.3: seconds or a date; OpenAI and Azure also say it in milliseconds).</summary>
internal static class RetryAfter
{
    /// <returns>null where nothing readable is said; never negative</returns>
    public static TimeSpan? Read(PipelineResponse? response, TimeProvider clock)
    {
        foreach (var name in new[] { "retry-after-ms", "x-ms-retry-after-ms" })
        {
            if (response is not null && response.Headers.TryGetValue(name, out var text)
                && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && double.IsFinite(milliseconds))
                return TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));
        }
        if (response is null || !response.Headers.TryGetValue("Retry-After", out var said) || !RetryConditionHeaderValue.TryParse(said, out var read))
            return null;
        var wait = read.Delta ?? read.Date!.Value - clock.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
