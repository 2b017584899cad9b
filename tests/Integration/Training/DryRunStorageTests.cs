using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.GpuJob.Training;
using Tpo.Shared;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Integration.Training;

/// <summary>What is said of a run before anything of it is read but config, tokenizer and pairs.</summary>
public sealed class DryRunStorageTests(TrainingStage stage) : IClassFixture<TrainingStage>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_dataset_by_name_alone_is_its_newest_version_and_nothing_in_storage_changes()
    {
        await PublishAsync("named", "old", stage.Pairs, DateTimeOffset.UnixEpoch);
        await PublishAsync("named", "new", [.. stage.Pairs.Take(1)], DateTimeOffset.UnixEpoch.AddDays(1));
        var before = await EverythingAsync();
        string printed = await RunAsync(new TrainingRequest { BaseModel = "tiny", Dataset = "named", Steps = 3, BatchSize = 1, FramesPerVideo = 3 });
        Assert.Contains("base model tiny, dataset named/new: 1 pairs of 1 videos, 3 frames of each", printed);
        Assert.Contains($"video     {3 * RandomCheckpoint.TokensPerFrame} tokens", printed);
        Assert.Contains(@"question  \nWhat is shown first?<|im_end|>\n<|im_start|>assistant\n", printed);
        Assert.Contains("⟦<|im_end|>⟧", printed);
        Assert.Contains("it fits this machine", printed);
        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_a_sentence()
    {
        var request = new TrainingRequest { BaseModel = "tiny", Dataset = "set/v1", FramesPerVideo = 3 };
        Assert.Contains("There is no model 'nobody'", (await Assert.ThrowsAsync<FileNotFoundException>(() => RunAsync(request with { BaseModel = "nobody" }))).Message);
        Assert.Contains("There is no dataset 'none' yet", (await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(request with { Dataset = "none" }))).Message);
        Assert.Contains("The dataset 'set/v9' has no pairs", (await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(request with { Dataset = "set/v9" }))).Message);
        Assert.Contains("batchSize: Give the pairs a step", (await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(request with { BatchSize = 0 }))).Message);
    }

    [Fact]
    public async Task A_run_that_cannot_fit_is_refused_before_its_weights_are_read()
    {
        // A model of two million million numbers, whose weights do not even exist.
        await stage.Storage.DownloadAsync(Containers.Models, "tiny/config.json", Path.Combine(_folder.Path, "config.json"));
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "config.json")))!.AsObject();
        (config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]) = (65536, 262144, 30);
        await stage.Storage.WriteTextAsync(Containers.Models, "giant/config.json", config.ToJsonString(), TpoStorage.JsonType);
        await stage.Storage.DownloadAsync(Containers.Models, "tiny/tokenizer.json", Path.Combine(_folder.Path, "tokenizer.json"));
        await stage.Storage.UploadFileAsync(Containers.Models, "giant/tokenizer.json", Path.Combine(_folder.Path, "tokenizer.json"));
        string run = await stage.RequestAsync(request => request with { BaseModel = "giant" });
        Assert.Equal(1, await stage.RunAsync(run));
        var progress = await stage.ProgressAsync(run);
        Assert.Equal(JobPhase.Failed, progress.Phase);
        Assert.Contains("The training does not fit into memory", progress.Message);
        Assert.Contains("Planned: projector and language model", await stage.Storage.TryReadTextAsync(Containers.Training, TrainingBlobs.Log(run)));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> RunAsync(TrainingRequest request)
    {
        string file = Path.Combine(_folder.Path, "request.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(request, TpoJson.Options));
        var output = new StringWriter();
        Assert.Equal(0, await DryRun.RunAsync(stage.Storage, file, output, CancellationToken.None));
        return output.ToString();
    }

    private Task PublishAsync(string name, string version, IReadOnlyList<PreferencePair> pairs, DateTimeOffset when) => DatasetVersions.PublishAsync(
        stage.Storage, new Catalog(stage.Storage), name, version, pairs, [],
        () => DatasetCard.Of(name, version, new DatasetRecipe(new DatasetMix()), pairs, [], new Dictionary<string, int>(), 0, when), CancellationToken.None);

    /// <summary>Name and version of every blob.</summary>
    private async Task<IReadOnlyList<string>> EverythingAsync()
    {
        var blobs = new List<string>();
        foreach (string container in Containers.All)
            await foreach (var blob in stage.Storage.Container(container).GetBlobsAsync())
                blobs.Add($"{container}/{blob.Name} {blob.Properties.ETag}");
        return blobs;
    }
}
