using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>Timers on a clock that runs 600 times faster: five minutes are half a second.</summary>
[Collection(FunctionAppCollection.Name)]
public sealed class TimerScheduleTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan five = TimeSpan.FromMinutes(5);

    [Fact, Promise("6.3", "6.5", "6.1")]
    public async Task Each_run_is_recorded_even_a_failed_one_and_the_next_is_at_the_next_time()
    {
        var storage = azurite.NewAccount();
        await using var app = await StartAsync(storage, typeof(FailsFirst));
        var notes = await app.Seen.WaitForAsync(4);
        Assert.Equal("run", notes[0]);
        Assert.Contains("FailsFirst failed", notes[1]); // the log says so
        Assert.StartsWith("run after ", notes[2]);
        var recorded = DateTime.Parse(notes[2]["run after ".Length..]).ToUniversalTime(); // what the failed run left

        var blob = new BlobContainerClient(storage, "azure-webjobs-hosts").GetBlobClient("timers/tpo-conformancetests/Host.Functions.FailsFirst/status");
        var status = JsonNode.Parse((await blob.DownloadContentAsync()).Value.Content.ToString())!.AsObject();
        Assert.Equal(["Last", "Next", "LastUpdated"], status.Select(member => member.Key).Order().OrderBy(key => key.Length));
        var (last, next) = ((DateTime)status["Last"]!, (DateTime)status["Next"]!);
        Assert.True(last >= recorded);
        Assert.Equal(0, next.Ticks % five.Ticks);
        Assert.InRange(next - last, TimeSpan.Zero, five);
    }

    [Fact, Promise("6.2")]
    public async Task What_passes_during_a_run_is_skipped_not_queued()
    {
        await using var app = await StartAsync(azurite.NewAccount(), typeof(TakesTwelveMinutes));
        var due = (await app.Seen.WaitForAsync(2)).Select(DateTime.Parse).ToArray();
        foreach (var (first, second) in due.Zip(due.Skip(1)))
        {
            Assert.Equal(0, second.Ticks % five.Ticks);
            Assert.True(second - first >= five * 3, $"{first:T} was followed by {second:T}.");
        }
    }

    [Fact, Promise("6.3")]
    public async Task A_schedule_that_fires_every_minute_has_no_record()
    {
        var storage = azurite.NewAccount();
        await using var app = await StartAsync(storage, typeof(EveryMinute));
        Assert.Equal(["status: none", "status: none"], (await app.Seen.WaitForAsync(2)).Take(2));
        var container = new BlobContainerClient(storage, "azure-webjobs-hosts");
        Assert.True(!await container.ExistsAsync() || !container.GetBlobs(prefix: "timers/").Any());
    }

    private static Task<TestApp> StartAsync(string storage, Type function) => TestApp.StartAsync(storage, [function], app =>
    {
        app.Services.AddSingleton<TimeProvider>(new FastClock(new DateTimeOffset(2026, 8, 10, 12, 3, 0, TimeSpan.Zero), speed: 600));
        app.Services.AddSingleton<ILoggerProvider, SeenErrors>();
    }, "Often=0 */5 * * * *", "WEBSITE_TIME_ZONE=UTC");

    private sealed class FailsFirst(Seen seen)
    {
        private static int runs;

        [Function("FailsFirst")]
        public void Run([TimerTrigger("%Often%")] TimerInfo timer)
        {
            var first = Interlocked.Increment(ref runs) == 1;
            seen.Add(first ? "run" : $"run after {timer.ScheduleStatus!.Last:O}");
            if (first)
                throw new InvalidOperationException("not today");
        }
    }

    private sealed class TakesTwelveMinutes(Seen seen, TimeProvider clock)
    {
        [Function("TakesTwelveMinutes")]
        public async Task Run([TimerTrigger("%Often%")] TimerInfo timer)
        {
            seen.Add($"{timer.ScheduleStatus!.Next:s}");
            await Task.Delay(TimeSpan.FromMinutes(12), clock);
        }
    }

    private sealed class EveryMinute(Seen seen)
    {
        [Function("EveryMinute")]
        public void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) => seen.Add($"status: {timer.ScheduleStatus?.Next.ToString() ?? "none"}");
    }
}
