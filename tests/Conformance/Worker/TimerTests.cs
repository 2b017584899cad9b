using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class TimerTests(AzuriteFixture azurite)
{
    private const string StatusBlob = "Host.Functions.Nightly/status";

    [Fact, Promise("6.4")]
    public async Task A_run_missed_while_the_host_was_down_is_made_up_once_with_IsPastDue()
    {
        var storage = azurite.NewAccount();
        await using (var first = await TestApp.StartAsync(storage, [typeof(Nightly)]))
        {
            var recorded = await WaitForStatusAsync(storage);
            Assert.True(recorded.Next > DateTime.UtcNow);
            Assert.Empty(first.Seen.Notes); // a first start ever runs nothing
        }
        await WriteStatusAsync(storage, lastUpdated: DateTime.UtcNow.Date.AddDays(-3).AddHours(5), next: DateTime.UtcNow.Date.AddDays(-2).AddHours(2));
        await using (var second = await TestApp.StartAsync(storage, [typeof(Nightly)]))
        {
            Assert.Equal(["pastDue=True monitored=True"], await second.Seen.WaitForAsync(1));
            await WaitForStatusAsync(storage, newerThan: DateTime.UtcNow.AddSeconds(-60));
            await Task.Delay(500);
            Assert.Single(second.Seen.Notes);
        }
        await using var third = await TestApp.StartAsync(storage, [typeof(Nightly)]);
        await Task.Delay(1000);
        Assert.Empty(third.Seen.Notes);
    }

    [Fact, Promise("6.4")]
    public async Task A_due_time_of_an_older_schedule_does_not_fire()
    {
        var storage = azurite.NewAccount();
        await WriteStatusAsync(storage, lastUpdated: DateTime.UtcNow.AddDays(-2), next: DateTime.UtcNow.AddDays(-1).AddMilliseconds(1));
        await using var app = await TestApp.StartAsync(storage, [typeof(Nightly)]);
        await WaitForStatusAsync(storage, newerThan: DateTime.UtcNow.AddSeconds(-60));
        await Task.Delay(500);
        Assert.Empty(app.Seen.Notes);
    }

    [Fact, Promise("6.2", "2.3.4")]
    public async Task A_timer_never_overlaps_itself_and_retries_as_its_attribute_says()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(EverySecond)]);
        var notes = await app.Seen.WaitForAsync(7);
        Assert.Equal(["begin 0/2", "begin 1/2", "begin 2/2", "end"], notes.Take(4));
        Assert.Equal("begin 0/2", notes[4]);
        Assert.All(notes.Skip(4).Chunk(2).Where(pair => pair.Length == 2), pair => Assert.Equal(["begin 0/2", "end"], pair));
    }

    [Fact, Promise("6.6")]
    public async Task An_administrator_starts_a_timer_by_hand_and_RunOnStartup_runs_at_every_start()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Nightly), typeof(AtStart)]);
        Assert.Equal(["started"], await app.Seen.WaitForAsync(1));
        var answer = await app.Http.PostAsJsonAsync("/admin/functions/Nightly", new { input = "" });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(["started", "pastDue=False monitored=False"], await app.Seen.WaitForAsync(2));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Stranger.PostAsJsonAsync("/admin/functions/Nightly", new { input = "" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsJsonAsync("/admin/functions/Nobody", new { input = "" })).StatusCode);
    }

    private static async Task<ScheduleStatus> WaitForStatusAsync(string storage, DateTime newerThan = default)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < deadline; await Task.Delay(50))
        {
            var container = new BlobContainerClient(storage, "azure-webjobs-hosts");
            if (!await container.ExistsAsync())
                continue;
            await foreach (var blob in container.GetBlobsAsync(prefix: "timers/"))
            {
                Assert.EndsWith(StatusBlob, blob.Name);
                var status = (await container.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToObjectFromJson<ScheduleStatus>()!;
                if (status.LastUpdated > newerThan)
                    return status;
            }
        }
        throw new TimeoutException("The timer wrote no status.");
    }

    private static async Task WriteStatusAsync(string storage, DateTime lastUpdated, DateTime next)
    {
        var container = new BlobContainerClient(storage, "azure-webjobs-hosts");
        await container.CreateIfNotExistsAsync();
        var status = new ScheduleStatus { Last = lastUpdated, LastUpdated = lastUpdated, Next = next };
        await container.GetBlobClient($"timers/tpo-conformancetests/{StatusBlob}").UploadAsync(BinaryData.FromObjectAsJson(status), overwrite: true);
    }

    private sealed class Nightly(Seen seen)
    {
        [Function("Nightly")]
        public void Run([TimerTrigger("0 0 2 * * *")] TimerInfo timer) =>
            seen.Add($"pastDue={timer.IsPastDue} monitored={timer.ScheduleStatus is not null}");
    }

    private sealed class AtStart(Seen seen)
    {
        [Function("AtStart")]
        public void Run([TimerTrigger("0 0 2 * * *", RunOnStartup = true, UseMonitor = false)] TimerInfo timer) => seen.Add("started");
    }

    private sealed class EverySecond(Seen seen)
    {
        private static int attempts;

        [Function("EverySecond")]
        [FixedDelayRetry(2, "00:00:00.050")]
        public async Task Run([TimerTrigger("* * * * * *")] TimerInfo timer, FunctionContext context)
        {
            seen.Add($"begin {context.RetryContext.RetryCount}/{context.RetryContext.MaxRetryCount}");
            if (Interlocked.Increment(ref attempts) < 3)
                throw new InvalidOperationException("not yet");
            await Task.Delay(1300);
            seen.Add("end");
        }
    }
}
