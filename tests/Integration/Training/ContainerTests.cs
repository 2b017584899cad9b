using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using Xunit.Abstractions;

namespace Tpo.Tests.Integration.Training;

/// <summary>The training job's image, built from the working tree: what it trains is what a process of this machine trains, to the bit.</summary>
public sealed class ContainerTests(TrainingStage stage, ITestOutputHelper output) : IClassFixture<TrainingStage>
{
    [Fact, Trait("Lane", "slow")]
    public async Task A_container_trains_to_the_weights_and_metrics_of_a_process()
    {
        await UploadNanoAsync();
        var (inside, outside) = (await stage.RequestAsync(Settings), await stage.RequestAsync(Settings));

        await using var container = await JobContainer.CreateAsync();
        output.WriteLine(await JobContainer.BuiltAsync());
        var job = container.StartTraining(inside, stage.Connection);
        await job.WaitForExitAsync();
        Assert.Equal((0, 0), (job.ExitCode, await stage.RunAsync(outside)));

        var (found, expected) = (await stage.ResultAsync(inside), await stage.ResultAsync(outside));
        Assert.Equal(3, found.Pairs);
        Assert.NotEqual(found.BaseWeightsSha256, found.WeightsSha256);
        Assert.Equal(expected.WeightsSha256, found.WeightsSha256);
        Assert.Equal(4, (await RowsAsync(inside)).Count);
        Assert.Equal(await RowsAsync(outside), await RowsAsync(inside));
    }

    [Fact, Trait("Lane", "slow")]
    public async Task A_stopped_container_leaves_a_checkpoint_and_the_next_one_ends_at_the_same_weights()
    {
        TrainingRequest Long(TrainingRequest request) => request with { Steps = 80, SaveEvery = 60 };
        var (stopped, outside) = (await stage.RequestAsync(Long), await stage.RequestAsync(Long));

        await using (var first = await JobContainer.CreateAsync())
        {
            var job = first.StartTraining(stopped, stage.Connection);
            await stage.AfterStepsAsync(stopped, 2);
            first.Terminate();
            await job.WaitForExitAsync();
            Assert.Equal(143, job.ExitCode);
        }
        Assert.Contains("goes on", (await stage.ProgressAsync(stopped)).Message);
        Assert.True(await stage.Storage.ExistsAsync(Containers.Training, TrainingBlobs.Checkpoint(stopped, "newest.json")));
        Assert.False(await stage.Storage.ExistsAsync(Containers.Training, TrainingBlobs.Result(stopped)), "The run ended before it was stopped.");

        await using var second = await JobContainer.CreateAsync();
        var rest = second.StartTraining(stopped, stage.Connection);
        await rest.WaitForExitAsync();
        Assert.Equal((0, 0), (rest.ExitCode, await stage.RunAsync(outside)));
        Assert.Contains("Resuming at step", await stage.Storage.TryReadTextAsync(Containers.Training, TrainingBlobs.Log(stopped)));
        Assert.Equal((await stage.ResultAsync(outside)).WeightsSha256, (await stage.ResultAsync(stopped)).WeightsSha256);
        Assert.Equal(await RowsAsync(outside), await RowsAsync(stopped));
    }

    [Fact, Trait("Lane", "slow")]
    public async Task The_image_runs_its_verbs_and_ffmpeg_in_the_sandbox_as_a_user_without_rights_and_carries_no_compiler()
    {
        await using var container = await JobContainer.CreateAsync();
        Assert.Contains("train", await container.ShellAsync("sh /job.sh --help"));
        Assert.Equal("tpo", (await container.ShellAsync("id -un")).Trim());
        Assert.Equal("", (await container.ShellAsync("command -v g++; command -v npm; dotnet --list-sdks")).Trim());

        await container.ShellAsync("ffmpeg -v error -f lavfi -i testsrc=duration=1:size=64x48 /tmp/tpo/made.mp4");
        Assert.Equal("1.000000", (await container.ShellAsync("$Tpo__FFmpegFolder/ffprobe -v error -show_entries format=duration -of csv=p=0 /tmp/tpo/made.mp4")).Trim());
        Assert.Equal($"{2 * 64 * 48 * 3}", (await container.ShellAsync("$Tpo__FFmpegFolder/ffmpeg -v error -i /tmp/tpo/made.mp4 -frames:v 2 -f rawvideo -pix_fmt rgb24 - | wc -c")).Trim());
        Assert.Contains("not on whitelist", await container.ShellAsync("$Tpo__FFmpegFolder/ffmpeg -v error -i 'concat:/etc/hostname' -f null - 2>&1 || true"));
    }

    private static TrainingRequest Settings(TrainingRequest request) =>
        request with { BaseModel = "tpo-nano", Steps = 4, LearningRate = 1e-4, FramesPerVideo = 4 };

    private async Task UploadNanoAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "infra/local/models/tpo-nano")))
            await stage.Storage.UploadFileAsync(Containers.Models, $"tpo-nano/{Path.GetFileName(file)}", file);
    }

    private async Task<IReadOnlyList<TrainingMetrics>> RowsAsync(string runId) =>
        [.. (await stage.MetricsAsync(runId)).Select(row => row.WithoutCircumstances())];
}
