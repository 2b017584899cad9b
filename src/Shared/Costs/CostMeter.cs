using Microsoft.Extensions.AI;
using Tpo.Shared.Preferences;

namespace Tpo.Shared.Costs;

/// <summary>
/// Counts the tokens of every chat call that is made while it runs, in whatever depth, so that a bill needs no place in the interfaces between.
/// </summary>
public sealed class CostMeter : IDisposable
{
    private static readonly AsyncLocal<CostMeter?> Running = new();
    private readonly CostMeter? _outer = Running.Value;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private int _prompt, _generated;

    private CostMeter() => Running.Value = this;

    public static CostMeter Start() => new();

    public Cost Cost => new(TimeProvider.System.GetElapsedTime(_started).TotalSeconds, _prompt, _generated);

    internal static void Count(UsageDetails? usage)
    {
        for (var meter = Running.Value; meter is not null; meter = meter._outer)
        {
            Interlocked.Add(ref meter._prompt, (int)(usage?.InputTokenCount ?? 0));
            Interlocked.Add(ref meter._generated, (int)(usage?.OutputTokenCount ?? 0));
        }
    }

    public void Dispose() => Running.Value = _outer;
}

/// <summary>A chat client whose calls count.</summary>
public sealed class MeteredChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        CostMeter.Count(response.Usage);
        return response;
    }
}
