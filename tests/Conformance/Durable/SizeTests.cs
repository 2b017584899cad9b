using System.Diagnostics;
using Microsoft.DurableTask;

namespace Tpo.Tests.Conformance.Durable;

/// <summary>Short versions of what <c>./tpo bench engine</c> measures in full.</summary>
public sealed class SizeTests(AzuriteFixture azurite) : HubTests(azurite)
{
    private sealed record Work(int Count, int Window);

    public override async Task InitializeAsync()
    {
        Hub.Activity("Page", (int length) => new string('x', length));
        Hub.Orchestrator("Book", async c =>
        {
            var work = c.GetInput<Work>()!;
            for (var done = 0; done < work.Count; done += work.Window)
                await Task.WhenAll(Enumerable.Range(0, work.Window).Select(_ => c.CallActivityAsync<string>("Page", 4_000)));
            return work.Count;
        });
        await Hub.StartAsync(activitiesAtOnce: 20);
        await Hub.RunAsync("Book", new Work(200, 200));
    }

    [Fact]
    public async Task Five_thousand_activities_and_two_hundred_orchestrations_at_once_leave_little_in_memory()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Hub.RunAsync("Book", new Work(5_000, 200));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Hub.RunAsync("Book", new Work(25, 5))));
        await Hub.RunAsync("Book", new Work(200, 200)); // whose commits archive what has ended: 40 MB of histories by now
        await TestHub.EventuallyAsync(async () => (await Hub.BlobsAsync("history-")).Count > 0, "finished histories were archived");
        await TestHub.EventuallyAsync(() => GC.GetTotalMemory(forceFullCollection: true) - before < 48_000_000, "memory was free again");
    }

    [Fact]
    public async Task Eight_times_the_work_takes_about_eight_times_as_long()
    {
        double small = double.MaxValue, large = double.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            small = Math.Min(small, await SecondsAsync(1_000));
            large = Math.Min(large, await SecondsAsync(8_000));
        }
        var slope = Math.Log(large / small) / Math.Log(8);
        Assert.True(slope < 1.5, $"{small:F2} s and {large:F2} s: the exponent is {slope:F2}; 2 would be quadratic.");
    }

    private async Task<double> SecondsAsync(int count)
    {
        var clock = Stopwatch.StartNew();
        await Hub.RunAsync("Book", new Work(count, 200));
        return clock.Elapsed.TotalSeconds;
    }
}
