using System.Diagnostics;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Integration.Loop;

/// <summary>`kill -9` in the middle of each stage of the loop; the undisturbed demo is the measure.</summary>
[Collection(DemoCollection.Name)]
public sealed class KillTests(DemoRun demo)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task A_house_killed_in_every_stage_ends_with_the_same_pairs_weights_and_answers()
    {
        await using var house = await House.StartAsync();

        await CurateWithKillsAsync(house, kills: 3);
        var records = await house.Catalog.ListAsync<VideoRecord>(Catalog.Videos);
        Assert.Equal(Comparable(demo.Pairs), Comparable(await DemoRun.PairsOfAsync(house, records)));

        var training = await TrainWithKillsAsync(house);
        Assert.Equal(demo.Training.Run.Result!.WeightsSha256, training.Run.Result!.WeightsSha256);
        Assert.Equal(demo.Training.Metrics.Select(row => (row.Step, row.Loss)), training.Metrics.Select(row => (row.Step, row.Loss)));

        var benchmark = await BenchmarkWithKillAsync(house, training.Run.Result.ModelId);
        Assert.Equal((demo.Benchmark.Result!.Base.Correct, demo.Benchmark.Result.Tuned.Correct), (benchmark.Result!.Base.Correct, benchmark.Result.Tuned.Correct));
        Assert.Equal(0, benchmark.Result.Errors);
    }

    [Fact, Trait("Lane", "slow")]
    public async Task Twelve_kills_at_random_moments_of_a_curation_change_no_pair()
    {
        await using var house = await House.StartAsync();
        var random = new Random(7);
        await UploadAsync(house);
        for (var kill = 0; kill < 12; kill++)
        {
            await Task.Delay(random.Next(100, 2500));
            house.KillApp();
            await house.UpAsync();
        }
        await AllCuratedAsync(house);
        Assert.Equal(Comparable(demo.Pairs), Comparable(await DemoRun.PairsOfAsync(house, await house.Catalog.ListAsync<VideoRecord>(Catalog.Videos))));
    }

    private async Task CurateWithKillsAsync(House house, int kills)
    {
        await UploadAsync(house);
        for (var kill = 0; kill < kills; kill++)
        {
            var seen = (await house.Storage.ListAsync(Containers.Curation, "")).Count;
            await House.EventuallyAsync("curation goes on", Long, async () =>
                (await house.Storage.ListAsync(Containers.Curation, "")).Count >= seen + 6 ? "yes" : null);
            house.KillApp();
            await house.UpAsync();
        }
        await AllCuratedAsync(house);
    }

    private IEnumerable<string> DemoNames => demo.Videos.Select(video => video.BlobName).Where(name => name.StartsWith("demo/", StringComparison.Ordinal));

    private async Task UploadAsync(House house)
    {
        foreach (var name in DemoNames)
            await CopyAsync(house, Containers.Videos, name);
    }

    private Task AllCuratedAsync(House house) =>
        House.EventuallyAsync("all videos are curated", Long, async () =>
            (await house.Catalog.ListAsync<VideoRecord>(Catalog.Videos)).Count(video => video.Status == VideoStatus.Curated) == DemoNames.Count() ? "yes" : null);

    /// <summary>Kills the app while the job trains (the job lives on), then the job itself (it resumes from its checkpoint).</summary>
    private async Task<TrainingStatus> TrainWithKillsAsync(House house)
    {
        var response = await house.PostAsync("/api/training", new TrainingRequest());
        var location = response.Headers.Location!.OriginalString;
        await StepAsync(house, location, 2);
        house.KillApp();
        await house.UpAsync();
        await StepAsync(house, location, 5);
        KillJob(location.Split('/')[^1]);
        return await House.EventuallyAsync("the training ends", Long, async () =>
            await house.GetAsync<TrainingStatus>(location) is { Run.IsFinal: true } status ? status : null);
    }

    private static Task StepAsync(House house, string location, int step) =>
        House.EventuallyAsync($"step {step}", Long, async () =>
            (await house.GetAsync<TrainingStatus>(location)).Metrics.Count > step ? "yes" : null);

    /// <summary>The job's own process: its arguments end in `train --run-id RUN` (the shell that started it has become it).</summary>
    private static void KillJob(string runId)
    {
        var job = Assert.Single(Process.GetProcesses(), process => Arguments(process) is [.., "train", "--run-id", var id] && id == runId);
        job.Kill();
    }

    private static string[] Arguments(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private async Task<BenchmarkRun> BenchmarkWithKillAsync(House house, string tuned)
    {
        foreach (var name in await demo.House.Storage.ListAsync(Containers.Benchmarks, ""))
            await CopyAsync(house, Containers.Benchmarks, name);
        var response = await house.PostAsync("/api/benchmarks", new BenchmarkRequest { Suite = "demo", Models = ["tpo-nano", tuned] });
        var location = response.Headers.Location!.OriginalString;
        await House.EventuallyAsync("some answers are stored", Long, async () =>
            (await house.Storage.ListAsync(Containers.Reports, "")).Count >= 3 ? "yes" : null);
        house.KillApp();
        await house.UpAsync();
        return await House.EventuallyAsync("the benchmark ends", Long, async () =>
            await house.GetAsync<BenchmarkRun>(location) is { IsFinal: true } run ? run : null);
    }

    private async Task CopyAsync(House house, string container, string name)
    {
        var bytes = await demo.House.Storage.Container(container).GetBlobClient(name).DownloadContentAsync();
        await house.Storage.WriteBytesAsync(container, name, bytes.Value.Content.ToArray(), "application/octet-stream");
    }

    private static IEnumerable<string> Comparable(IEnumerable<PreferencePair> pairs) =>
        pairs.Select(pair => JsonSerializer.Serialize(pair with { Cost = new Cost(0, 0, 0) }, TpoJson.Options));
}
