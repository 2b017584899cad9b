using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>One death: at a fault point (kind:moment:n, see the load app), or from outside so long after the start of the process.</summary>
internal sealed record Kill(string? Fault, TimeSpan After)
{
    /// <summary>Some fault points are reached by waiting alone.</summary>
    public TimeSpan Patience => Fault is null ? After : TimeSpan.FromSeconds(Fault.StartsWith("lease-renew") ? 9 : 4);

    public override string ToString() => Fault ?? $"{After.TotalMilliseconds:F0}";

    public bool IsAt(string point) => Fault == point || Fault?.StartsWith($"{point}:") == true;

    /// <summary>A fault point, or the milliseconds of a kill from outside.</summary>
    public static Kill Parse(string text) =>
        int.TryParse(text, out var milliseconds) ? new(null, TimeSpan.FromMilliseconds(milliseconds)) : new(text, default);
}

internal static class KillPlan
{
    /// <summary>The others come at most once or twice in the life of a process.</summary>
    private static readonly string[] frequent =
        ["start", "episode", "episode-completed", "message-completed", "message-event", "message-timer", "group"];

    private static readonly string[] moments = ["before", "within", "after"];

    /// <summary>What the engine does to storage besides appending records.</summary>
    private static readonly string[] otherRequests =
    [
        "create-segment", "read-segment", "delete-segment", "create-owner", "read-owner", "lease-acquire", "lease-break", "lease-renew",
        "create-history",
    ];

    /// <summary>A process begins with a new segment; when it makes one a second time, it rolls the log under load.</summary>
    private static readonly string[] rolls = ["sealed", "create-segment", "segment", "snapshot", "delete-segment"];

    /// <summary>
    /// Before, within and after each kind of append that there is: each record (messages and ends of executions by what they tell), blocks
    /// that hold several records, records that take several blocks; all other requests; and again those of a roll, the second time.
    /// </summary>
    public static IReadOnlyList<string> FaultPoints { get; } =
    [
        .. from kind in Records().Concat(otherRequests) from moment in moments select $"{kind}:{moment}",
        .. from kind in rolls from moment in moments select $"{kind}:{moment}:2",
    ];

    /// <summary>As many kills, at these points and for the rest from outside, in the order of the seed.</summary>
    public static Kill[] Make(IEnumerable<string> points, int count, Random random)
    {
        var kills = points.Select(point => new Kill(point.Split(':').Length == 3 ? point : $"{point}:{Nth(point, random)}", default)).ToList();
        while (kills.Count < count) kills.Add(new(null, TimeSpan.FromMilliseconds(random.Next(0, 2000))));
        random.Shuffle(CollectionsMarshal.AsSpan(kills));
        return [.. kills];
    }

    private static int Nth(string point, Random random) => frequent.Contains(point.Split(':')[0]) ? random.Next(1, 9) : 1;

    // Suspended and Resumed are no appends of their own: they follow from `suspend` and `resume`.
    private static IEnumerable<string> Records() =>
    [
        .. Discriminators<LogRecord>().Where(kind => kind != "message"),
        .. Discriminators<Message>().Except(["suspended", "resumed"]).Select(kind => $"message-{kind}"),
        .. Discriminators<Outcome>().Select(kind => $"episode-{kind}"),
        "group", "large",
    ];

    private static IEnumerable<string> Discriminators<T>() =>
        typeof(T).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(type => (string)type.TypeDiscriminator!);
}
