using System.Reflection;
using System.Text.Json.Serialization;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>One death: at a fault point (kind:moment:n, see the load app), or from outside so long after the start of the process.</summary>
internal sealed record Kill(string? Fault, TimeSpan After)
{
    /// <summary>Some fault points are reached by waiting alone.</summary>
    public TimeSpan Patience => Fault is null ? After : TimeSpan.FromSeconds(Fault.StartsWith("lease-renew") ? 9 : 4);

    public override string ToString() => Fault ?? $"from outside after {After.TotalMilliseconds:F0} ms";
}

internal static class KillPlan
{
    private static readonly string[] moments = ["before", "within", "after"];

    /// <summary>What the engine does to storage besides appending records.</summary>
    private static readonly string[] otherRequests =
    [
        "create-segment", "read-segment", "delete-segment", "create-owner", "read-owner", "lease-acquire", "lease-break", "lease-renew",
    ];

    /// <summary>
    /// Before, within and after each kind of append that there is: each record (messages and ends of executions by what they tell), blocks
    /// that hold several records, records that take several blocks; and all other requests.
    /// </summary>
    public static IReadOnlyList<string> FaultPoints { get; } =
    [
        .. from kind in Records().Concat(otherRequests) from moment in moments select $"{kind}:{moment}",
    ];

    public static Kill AtFault(string point, Random random) => new($"{point}:{random.Next(1, 4)}", default);

    public static Kill FromOutside(Random random) => new(null, TimeSpan.FromMilliseconds(random.Next(0, 2000)));

    private static IEnumerable<string> Records() =>
    [
        .. Discriminators<LogRecord>().Where(kind => kind != "message"),
        .. Discriminators<Message>().Select(kind => $"message-{kind}"),
        .. Discriminators<Outcome>().Select(kind => $"episode-{kind}"),
        "group", "large",
    ];

    private static IEnumerable<string> Discriminators<T>() =>
        typeof(T).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(type => (string)type.TypeDiscriminator!);
}
