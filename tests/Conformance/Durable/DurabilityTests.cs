using System.Diagnostics;
using Azure.Storage.Blobs.Specialized;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Durable;

public sealed class DurabilityTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact]
    public async Task An_engine_that_was_taken_over_can_write_no_more()
    {
        Hub.Orchestrator("Waits", c => c.WaitForExternalEvent<string>("e"));
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Waits");
        var old = Hub.Engine;
        await Hub.StartAsync(); // a second engine; the first one still lives
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => old.Client.RaiseEventAsync(id, "e", "from the past"));
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => old.Client.WaitForInstanceCompletionAsync(id));
        await Hub.Client.RaiseEventAsync(id, "e", "from the present");
        Assert.Equal("from the present", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_restart_after_a_kill_does_not_wait_for_the_lease()
    {
        await Hub.StartAsync();
        await Hub.KillAsync();
        var watch = Stopwatch.StartNew();
        await Hub.StartAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task A_dead_process_does_not_hold_its_hub()
    {
        using var dead = Process.Start("true");
        await dead.WaitForExitAsync();
        await Hub.Container.CreateAsync();
        var owner = Hub.Container.GetBlobClient("owner");
        await owner.UploadAsync(BinaryData.FromObjectAsJson(new
        {
            Machine = Environment.MachineName, Process = dead.Id, Started = DateTimeOffset.UtcNow,
        }));
        await owner.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(60));
        var watch = Stopwatch.StartNew();
        await Hub.StartAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
    }

    [Fact, Promise("3.3.3")]
    public async Task Stop_writes_what_was_done_and_an_activity_that_is_cut_off_runs_again()
    {
        Hub.Activity("Endless", async (object _, CancellationToken cancellation) =>
        {
            if (Hub.Runs.Count == 1) await Task.Delay(-1, cancellation);
            return "second time";
        });
        Hub.Orchestrator("Caller", c => c.CallActivityAsync<string>("Endless"));
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Caller");
        await TestHub.EventuallyAsync(() => Hub.Runs.Count == 1, "the activity ran");
        await Hub.Engine.StopAsync(new CancellationTokenSource(5000).Token);
        await Hub.StartAsync();
        Assert.Equal("second time", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact, Promise("3.3.1", "3.9.3")]
    public void An_answer_counts_once_and_only_for_the_execution_that_asked()
    {
        var state = new HubState();
        state.Apply(new InstanceStarted("i", "run1", "O", null, default, null, null, []));
        state.Apply(new EpisodeCompleted("i", "run1", default, 0, [new CallActivity(0, "A", null), new CallActivity(1, "B", null)], null, null));
        Assert.Equal(0, state.Apply(Answer("i", "run0", 0)));
        Assert.Equal(1, state.Apply(Answer("i", "run1", 0)));
        Assert.Equal(0, state.Apply(Answer("i", "run1", 0)));
        state.Apply(new EpisodeCompleted("i", "run1", default, 1, [], null, new StartedOver("run2", null, [])));
        Assert.Single(state.UnansweredActivities); // B was asked for, so it still runs ...
        Assert.Equal(0, state.Apply(Answer("i", "run1", 1))); // ... but nobody waits for it any more
        Assert.Empty(state.UnansweredActivities);
        Assert.Empty(state.Instances["i"].Inbox);

        static MessageArrived Answer(string id, string execution, int task) => new(id, execution, new TaskCompleted(task, null), default);
    }

    [Fact]
    public async Task A_store_that_is_away_at_times_stops_nothing_and_nothing_is_written_twice()
    {
        Hub.Activity("Page", (int n) => $"{n}:{new string('x', 2_000)}");
        Hub.Orchestrator("Book", async c =>
        {
            var pages = new List<string>();
            for (var i = 0; i < 6; i++) pages.Add(await c.CallActivityAsync<string>("Page", i));
            return string.Join(',', pages.Select(page => page[..1]));
        });
        await Hub.StartAsync(rollAfterBlocks: 5, archiveAfter: 1);
        await Hub.RunAsync("Book");
        Hub.Store.Begin(count: 8, oneOf: 3);
        for (var i = 0; Hub.Store.Happened < 8; i++)
            Assert.Equal("0,1,2,3,4,5", (await Hub.FinishAsync(await Hub.StartInstanceAsync("Book", null, $"b{i}"))).ReadOutputAs<string>());
        await Hub.KillAndRestartAsync();
        var history = (await Hub.Engine.Histories.ReadAsync("b0", default))!.Episodes;
        Assert.Equal(6, history.Sum(episode => episode.Received.Count));
    }

    [Fact]
    public void A_history_that_is_rewound_while_it_is_archived_keeps_its_own_past_and_what_ended_meanwhile_waits_for_the_next_time()
    {
        var state = new HubState();
        foreach (var id in new[] { "rewound", "archived", "late" }) state.Apply(new InstanceStarted(id, "run", "O", null, default, null, null, []));
        End("rewound");
        End("archived");
        var written = state.FinishedHistories();
        Assert.Equal(["rewound", "archived"], written.Select(history => history.Id));
        state.Apply(new InstancesRewound([new("rewound", "run", [], [], [])], null, default));
        End("rewound");
        End("late");

        Assert.Equal(["archived"], written.Where(state.IsCurrent).Select(history => history.Id));
        state.Apply(new HistoriesMoved([new("archived", "run", new HistoryPlace("blob", 0, 1))]));
        Assert.Equal(["rewound", "late"], state.FinishedHistories().Select(history => history.Id).Order().Reverse());
        Assert.True(state.FinishedHistorySize > 0);
        state.Apply(new InstancePurged("late", false));
        state.Apply(new InstancePurged("rewound", false));
        Assert.Empty(state.FinishedHistories());
        Assert.Equal(0, state.FinishedHistorySize);

        void End(string id) => state.Apply(new EpisodeCompleted(id, "run", default, 0, [], null,
            new Failed(new("E", "failed", null, null, null), null)));
    }

    [Fact]
    public async Task Data_larger_than_a_block_is_kept_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 1_200_000).Select(i => $"{i:D7}\n"));
        Hub.Activity("Large", (object _) => text);
        Hub.Orchestrator("Caller", async c =>
        {
            var large = await c.CallActivityAsync<string>("Large");
            await c.WaitForExternalEvent<object>("go");
            return large == text;
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Caller");
        await TestHub.EventuallyAsync(async () => await SizeAsync() > text.Length, "the result was stored");
        await Hub.KillAndRestartAsync();
        await Hub.Client.RaiseEventAsync(id, "go");
        Assert.True((await Hub.FinishAsync(id)).ReadOutputAs<bool>());

        async Task<long> SizeAsync()
        {
            var size = 0L;
            await foreach (var blob in Hub.Container.GetBlobsAsync()) size += blob.Properties.ContentLength ?? 0;
            return size;
        }
    }

    [Fact]
    public async Task The_log_rolls_into_a_new_segment_that_holds_all_and_the_old_one_goes()
    {
        await Hub.Container.CreateAsync();
        var first = new SegmentedLog(Hub.Container, "first", NullLogger.Instance);
        Assert.Empty(await first.TakeOverAsync(default));
        Assert.True(await first.BeginSegmentAsync([], default));
        await first.AppendAsync(RecordLines.Encode(new InstancePurged("a", false))[0], default);
        await first.RollAsync([new InstancePurged("kept", false)], default);
        await first.AppendAsync(RecordLines.Encode(new InstancePurged("b", false))[0], default);

        var second = new SegmentedLog(Hub.Container, "second", NullLogger.Instance);
        var records = await second.TakeOverAsync(default);
        Assert.Equal(["kept", "b"], records.OfType<InstancePurged>().Select(r => r.Id));
        await Assert.ThrowsAsync<HubLostException>(() => first.RollAsync([], default));
        Assert.True(await second.BeginSegmentAsync(records.OfType<InstancePurged>(), default));
        var names = new List<string>();
        await foreach (var blob in Hub.Container.GetBlobsAsync()) names.Add(blob.Name);
        Assert.Equal(["segment-0000000003"], names);
    }

    [Fact]
    public async Task A_snapshot_that_was_cut_off_leaves_the_segment_before_it_in_force()
    {
        await Hub.Container.CreateAsync();
        var first = new SegmentedLog(Hub.Container, "first", NullLogger.Instance);
        await first.TakeOverAsync(default);
        await first.BeginSegmentAsync([new InstancePurged("whole", false)], default);
        var cut = Hub.Container.GetAppendBlobClient("segment-0000000002");
        await cut.CreateAsync();
        LogRecord[] records = [new SegmentBegan("dead", default), new InstancePurged("part", false)];
        await cut.AppendBlockAsync(new MemoryStream([.. records.SelectMany(RecordLines.Encode).SelectMany(line => line)]));
        var second = new SegmentedLog(Hub.Container, "second", NullLogger.Instance);
        Assert.Equal(["whole"], (await second.TakeOverAsync(default)).OfType<InstancePurged>().Select(r => r.Id));
    }

    [Fact]
    public async Task A_damaged_log_is_said_so_and_nothing_is_run_from_it()
    {
        Hub.Orchestrator("Any", _ => Task.FromResult(0));
        await Hub.StartAsync();
        await Hub.RunAsync("Any");
        await Hub.Engine.StopAsync(default);
        var segment = Hub.Container.GetAppendBlobClient("segment-0000000001");
        await segment.AppendBlockAsync(new MemoryStream("00000000 {\"record\":\"purge\"}\n"u8.ToArray()));
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => Hub.StartAsync());
        Assert.Contains("segment-0000000001", e.Message);
    }
}
