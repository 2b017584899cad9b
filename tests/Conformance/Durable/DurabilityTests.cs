using System.Diagnostics;
using Azure.Storage.Blobs.Specialized;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Durable;

[Collection(AzuriteCollection.Name)]
public sealed class DurabilityTests(AzuriteFixture azurite)
{
    private readonly TestHub hub = new(azurite);

    [Fact]
    public async Task An_engine_that_was_taken_over_can_write_no_more()
    {
        hub.Orchestrator("Waits", c => c.WaitForExternalEvent<string>("e"));
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Waits");
        var old = hub.Engine;
        await hub.StartAsync(); // a second engine; the first one still lives
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => old.Client.RaiseEventAsync(id, "e", "from the past"));
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => old.Client.WaitForInstanceCompletionAsync(id));
        await hub.Client.RaiseEventAsync(id, "e", "from the present");
        Assert.Equal("from the present", (await hub.FinishAsync(id)).ReadOutputAs<string>());
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_restart_after_a_kill_does_not_wait_for_the_lease()
    {
        await hub.StartAsync();
        await hub.KillAsync();
        var watch = Stopwatch.StartNew();
        await hub.StartAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task Stop_writes_what_was_done_and_an_activity_that_is_cut_off_runs_again()
    {
        hub.Activity("Endless", async (object _, CancellationToken cancellation) =>
        {
            if (hub.Runs.Count == 1) await Task.Delay(-1, cancellation);
            return "second time";
        });
        hub.Orchestrator("Caller", c => c.CallActivityAsync<string>("Endless"));
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Caller");
        await TestHub.EventuallyAsync(() => hub.Runs.Count == 1, "the activity ran");
        await hub.Engine.StopAsync(new CancellationTokenSource(5000).Token);
        await hub.StartAsync();
        Assert.Equal("second time", (await hub.FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Data_larger_than_a_block_is_kept_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 1_200_000).Select(i => $"{i:D7}\n"));
        hub.Activity("Large", (object _) => text);
        hub.Orchestrator("Caller", async c =>
        {
            var large = await c.CallActivityAsync<string>("Large");
            await c.WaitForExternalEvent<object>("go");
            return large == text;
        });
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Caller");
        await TestHub.EventuallyAsync(async () => await SizeAsync() > text.Length, "the result was stored");
        await hub.KillAndRestartAsync();
        await hub.Client.RaiseEventAsync(id, "go");
        Assert.True((await hub.FinishAsync(id)).ReadOutputAs<bool>());

        async Task<long> SizeAsync()
        {
            var size = 0L;
            await foreach (var blob in hub.Container.GetBlobsAsync()) size += blob.Properties.ContentLength ?? 0;
            return size;
        }
    }

    [Fact]
    public async Task The_log_rolls_into_a_new_segment_that_holds_all_and_the_old_one_goes()
    {
        await hub.Container.CreateAsync();
        var first = new SegmentedLog(hub.Container, "first", NullLogger.Instance);
        Assert.Empty(await first.TakeOverAsync(default));
        Assert.True(await first.BeginSegmentAsync([], default));
        await first.AppendAsync(RecordLines.Encode(new InstancePurged("a", false))[0], default);
        await first.RollAsync([new InstancePurged("kept", false)], default);
        await first.AppendAsync(RecordLines.Encode(new InstancePurged("b", false))[0], default);

        var second = new SegmentedLog(hub.Container, "second", NullLogger.Instance);
        var records = await second.TakeOverAsync(default);
        Assert.Equal(["kept", "b"], records.OfType<InstancePurged>().Select(r => r.Id));
        await Assert.ThrowsAsync<HubLostException>(() => first.RollAsync([], default));
        Assert.True(await second.BeginSegmentAsync(records.OfType<InstancePurged>(), default));
        var names = new List<string>();
        await foreach (var blob in hub.Container.GetBlobsAsync()) names.Add(blob.Name);
        Assert.Equal(["segment-0000000003"], names);
    }

    [Fact]
    public async Task A_snapshot_that_was_cut_off_leaves_the_segment_before_it_in_force()
    {
        await hub.Container.CreateAsync();
        var first = new SegmentedLog(hub.Container, "first", NullLogger.Instance);
        await first.TakeOverAsync(default);
        await first.BeginSegmentAsync([new InstancePurged("whole", false)], default);
        var cut = hub.Container.GetAppendBlobClient("segment-0000000002");
        await cut.CreateAsync();
        await cut.AppendBlockAsync(new MemoryStream([.. RecordLines.Encode(new SegmentBegan("dead", default))[0], .. RecordLines.Encode(new InstancePurged("part", false))[0]]));
        var second = new SegmentedLog(hub.Container, "second", NullLogger.Instance);
        Assert.Equal(["whole"], (await second.TakeOverAsync(default)).OfType<InstancePurged>().Select(r => r.Id));
    }

    [Fact]
    public async Task A_damaged_log_is_said_so_and_nothing_is_run_from_it()
    {
        hub.Orchestrator("Any", _ => Task.FromResult(0));
        await hub.StartAsync();
        await hub.RunAsync("Any");
        await hub.Engine.StopAsync(default);
        var segment = hub.Container.GetAppendBlobClient("segment-0000000001");
        await segment.AppendBlockAsync(new MemoryStream("00000000 {\"record\":\"purge\"}\n"u8.ToArray()));
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => hub.StartAsync());
        Assert.Contains("segment-0000000001", e.Message);
    }
}
