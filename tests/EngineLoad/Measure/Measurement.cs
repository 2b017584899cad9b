using System.Diagnostics;

namespace Tpo.Tests.EngineLoad.Measure;

/// <summary>
/// How long it took, from the first start to the last end as a client sees it, and what the process holds afterwards.
/// </summary>
public sealed record Measurement(int Count, double Seconds, double PerSecond, double ManagedMb, double ResidentMb)
{
    public static async Task<Measurement> OfAsync(int count, Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        var seconds = clock.Elapsed.TotalSeconds;
        using var self = Process.GetCurrentProcess();
        return new(count, seconds, count / seconds, GC.GetTotalMemory(forceFullCollection: true) / 1e6, self.WorkingSet64 / 1e6);
    }
}
