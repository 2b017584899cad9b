using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Integration.Loop;

/// <summary>
/// `./tpo test record-histories`, first half: the real app does everything once that its orchestrators can come to, and the log of its
/// task hub is put into the folder TPO_HISTORIES. The conformance tests make histories of it and replay them at each build.
/// </summary>
[Collection(DemoCollection.Name)]
public sealed class RecordedRuns(DemoRun demo)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact, Trait("Lane", "record")]
    public async Task The_real_app_does_everything_once()
    {
        var house = demo.House;
        var video = demo.Videos.First(record => record.Status == VideoStatus.Curated).BlobName;
        await PutVideoAsync("bad/text.mp4", "this is no video, whatever its name says"u8.ToArray());
        await CopyAsync(Containers.Videos, video, "again/copy.mp4");
        await TerminateACurationAsync(video);
        await AnswerWithAHollowModelAsync();
        await TrainWithoutPairsAsync();
        await LoseTheWatchAsync();
        await TrainLongAndCancelAsync();
        await TrainInRoundsAsync();
        await House.EventuallyAsync("every video has an end", Long, async () =>
            (await house.Catalog.ListAsync<VideoRecord>(Catalog.Videos)).Count(record => record.Status == VideoStatus.Curating) <= 1 ? "yes" : null);
        await KeepLogAsync();
    }

    private async Task TerminateACurationAsync(string video)
    {
        await CopyAsync(Containers.Videos, video, "stopped/video.mp4", more: [0]); // other bytes, so no duplicate
        var id = await House.EventuallyAsync("its curation runs", Long, async () =>
            (await InstancesAsync("Running")).FirstOrDefault(instance => instance.Input.Contains("stopped/video.mp4"))?.Id);
        await TerminateAsync(id);
    }

    /// <summary>A benchmark of a model whose graphs are gone: three attempts at a shard, then its failure is recorded.</summary>
    private async Task AnswerWithAHollowModelAsync()
    {
        var house = demo.House;
        foreach (var name in await house.Storage.ListAsync(Containers.Models, "tpo-nano/"))
            if (!name.Contains("/onnx/", StringComparison.Ordinal))
                await CopyAsync(Containers.Models, name, $"hollow/{name["tpo-nano/".Length..]}");
        var card = await house.Storage.ReadJsonAsync<ModelCard>(Containers.Models, "tpo-nano/model.json");
        await house.Catalog.PutAsync(Catalog.Models, "hollow", card with { ModelId = "hollow" });
        var answer = await house.PostAsync("/api/benchmarks", new BenchmarkRequest { Suite = "demo", Models = ["tpo-nano", "hollow"], Limit = 1 });
        await House.EventuallyAsync("the benchmark ends", Long, async () =>
            await house.GetAsync<BenchmarkRun>(Location(answer)) is { IsFinal: true } run ? run : null);
    }

    /// <summary>A dataset whose pairs are not there: the job itself fails.</summary>
    private async Task TrainWithoutPairsAsync()
    {
        await demo.House.Storage.WriteTextAsync(Containers.Datasets, "empty/v1/dataset.json", "{}", "application/json");
        await EndAsync(Location(await demo.House.PostAsync("/api/training", new TrainingRequest { Dataset = "empty/v1" })));
    }

    /// <summary>The sub-orchestration that watches the job is terminated: the training fails.</summary>
    private async Task LoseTheWatchAsync()
    {
        var location = Location(await demo.House.PostAsync("/api/training", new TrainingRequest { Steps = 100_000 }));
        await StepAsync(location, 1);
        var runId = location.Split('/')[^1];
        await TerminateAsync($"{runId}-watch");
        await EndAsync(location);
        await demo.House.Storage.WriteTextAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), "cancel", "text/plain");
    }

    /// <summary>The job dies once and is started again; the watch begins anew with an empty history; then the run is cancelled.</summary>
    private async Task TrainLongAndCancelAsync()
    {
        var location = Location(await demo.House.PostAsync("/api/training", new TrainingRequest { Steps = 100_000 }));
        await StepAsync(location, 1);
        JobProcess(location.Split('/')[^1]).Kill();
        await Task.Delay(TimeSpan.FromSeconds(135)); // 60 looks, one every two seconds
        await demo.House.Http.DeleteAsync(location);
        await EndAsync(location);
    }

    /// <summary>Two rounds, the second without a gain; rounds that are cancelled; and rounds of a model that cannot answer.</summary>
    private async Task TrainInRoundsAsync()
    {
        var rounds = new RoundsRun(demo, "recorded-rounds");
        await rounds.LetTheTunedModelKnowAsync();
        await rounds.StartAsync(new TrainingRequest { Steps = 2, Rounds = 3 });
        await rounds.EndAsync();

        var cancelled = new RoundsRun(demo, "cancelled-rounds");
        await cancelled.StartAsync(new TrainingRequest { Steps = 100_000, Rounds = 2 });
        await cancelled.UntilAsync("the first round trains", status => status.Metrics.Count > 0);
        await demo.House.Http.DeleteAsync(cancelled.Location);
        await cancelled.EndAsync();

        var hollow = new RoundsRun(demo, "hollow-rounds");
        await hollow.StartAsync(new TrainingRequest { BaseModel = "hollow", Steps = 2, Rounds = 2 });
        await hollow.EndAsync();
    }

    private async Task KeepLogAsync()
    {
        var folder = Directory.CreateDirectory(Environment.GetEnvironmentVariable("TPO_HISTORIES")
            ?? throw new InvalidOperationException("TPO_HISTORIES is not set: run ./tpo test record-histories."));
        var hub = demo.House.Storage.Container("tpohub-durable");
        await foreach (var blob in hub.GetBlobsAsync(prefix: "segment-"))
            await hub.GetBlobClient(blob.Name).DownloadToAsync(Path.Combine(folder.FullName, blob.Name));
    }

    private sealed record Instance(string Id, string Input);

    private async Task<IReadOnlyList<Instance>> InstancesAsync(string status)
    {
        var list = await demo.House.Http.GetFromJsonAsync<JsonElement>($"/runtime/webhooks/durabletask/instances?runtimeStatus={status}");
        return [.. list.EnumerateArray().Select(item => new Instance(item.GetProperty("instanceId").GetString()!, item.GetProperty("input").GetRawText()))];
    }

    private async Task TerminateAsync(string id) =>
        (await demo.House.Http.PostAsync($"/runtime/webhooks/durabletask/instances/{id}/terminate?reason=recording", null)).EnsureSuccessStatusCode();

    private Task PutVideoAsync(string name, byte[] bytes) => demo.House.Storage.WriteBytesAsync(Containers.Videos, name, bytes, "video/mp4");

    private async Task CopyAsync(string container, string from, string to, params byte[] more)
    {
        var bytes = await demo.House.Storage.Container(container).GetBlobClient(from).DownloadContentAsync();
        await demo.House.Storage.WriteBytesAsync(container, to, [.. bytes.Value.Content.ToArray(), .. more], "application/octet-stream");
    }

    private Task StepAsync(string location, int step) => House.EventuallyAsync($"step {step}", Long, async () =>
        (await demo.House.GetAsync<TrainingStatus>(location)).Metrics.Count > step ? "yes" : null);

    private Task EndAsync(string location) => House.EventuallyAsync("the training ends", Long, async () =>
        await demo.House.GetAsync<TrainingStatus>(location) is { Run.IsFinal: true } status ? status : null);

    private static string Location(HttpResponseMessage answer) => answer.EnsureSuccessStatusCode().Headers.Location!.OriginalString;

    private static Process JobProcess(string runId) => Process.GetProcesses().Single(process =>
        File.Exists($"/proc/{process.Id}/cmdline") && File.ReadAllText($"/proc/{process.Id}/cmdline").EndsWith($"train\0--run-id\0{runId}\0", StringComparison.Ordinal));
}
