using Tpo.Functions.Training.Backends;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Conformance.Backends;

/// <summary>Trainings in containers of this machine, the program that runs them replaced by a script.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ContainerTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("podman")]
    [InlineData("docker")]
    [InlineData("buildah")]
    public async Task A_start_runs_one_container_its_output_is_the_log_and_the_secret_is_in_no_argument(string name)
    {
        using var tool = new FakeTool(name);
        await using var stage = await StageAsync(tool);
        Assert.False((await stage.SeeAsync()).Beats);
        await stage.StartJobAsync();
        await FakeTool.UntilAsync("it runs", async () => (await stage.Backend(TrainingBackends.Container).LogTailAsync(stage.RunId, default)).Contains("step 0"));
        Assert.True((await stage.SeeAsync()).Beats);
        Assert.Equal(name == "buildah" ? PlatformState.Starting : PlatformState.Running, (await stage.SeeAsync()).Platform);

        await stage.StartJobAsync();
        Assert.Single(tool.Calls, call => call.Contains($"train --run-id {stage.RunId}"));
        Assert.Equal("secret-connection", tool.Secret);
        Assert.All(tool.Calls, call => Assert.DoesNotContain("secret-connection", call));
        Assert.Equal("20000", tool.FeatureCacheMegabytes);
        Assert.Equal("step 0: loss 0.69", await stage.Backend(TrainingBackends.Container).LogTailAsync(stage.RunId, default));
    }

    [Theory]
    [InlineData("podman")]
    [InlineData("buildah")]
    public async Task An_image_that_is_not_there_is_the_runs_end_in_the_tools_own_words(string name)
    {
        using var tool = new FakeTool(name);
        await using var stage = await StageAsync(tool, image: "registry/other");
        await stage.StartJobAsync();
        await FakeTool.UntilAsync("it ended", async () => (await stage.SeeAsync()).IsFinal);
        var progress = (await stage.ProgressAsync())!;
        Assert.Equal(JobPhase.Failed, progress.Phase);
        Assert.Equal(
            $"The container of image 'registry/other' (Tpo__ContainerImage) could not be run: '{name}' failed with 125. Its last lines: Error: registry/other: image not known",
            progress.Message);
    }

    [Theory]
    [InlineData(137)]
    [InlineData(143)]
    [InlineData(0)]
    public async Task A_container_that_died_without_a_last_word_is_started_again(int code)
    {
        using var tool = new FakeTool();
        await using var stage = await StageAsync(tool);
        await stage.StartJobAsync();
        await FakeTool.UntilAsync("it runs", async () => (await stage.SeeAsync()).Platform == PlatformState.Running);
        tool.End(code);
        await FakeTool.UntilAsync("it is gone", async () => !(await stage.SeeAsync()).Beats);
        Assert.Equal(WatchMove.Start, JobWatch.Next(await stage.SeeAsync(), TimeSpan.Zero));
        await stage.StartJobAsync();
        Assert.Equal(2, (await stage.RecordAsync())!.Start);
    }

    [Theory]
    [InlineData("podman")]
    [InlineData("buildah")]
    public async Task A_container_that_does_not_beat_is_stopped_and_the_run_ends_as_cancelled(string name)
    {
        using var tool = new FakeTool(name);
        await using var stage = await StageAsync(tool);
        await stage.StartJobAsync();
        await FakeTool.UntilAsync("it runs", async () => (await stage.Backend(TrainingBackends.Container).LogTailAsync(stage.RunId, default)).Contains("step 0"));
        await stage.AskToEndAsync();
        Assert.Equal(WatchMove.EndAtPlatform, JobWatch.Next(await stage.SeeAsync(), TimeSpan.Zero));
        await stage.Lookout.CancelAsync(stage.RunId, null, atPlatform: true, CancellationToken.None);
        await FakeTool.UntilAsync("it ended", async () => (await stage.SeeAsync()).IsFinal);
        Assert.Equal(JobPhase.Cancelled, (await stage.ProgressAsync())!.Phase);
    }

    [Fact]
    public void The_first_tool_on_the_path_is_taken_and_one_that_is_not_there_is_told()
    {
        using var tool = new FakeTool("podman");
        var path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", $"{tool.Folder}:{path}");
            Assert.Equal(tool.Path, ContainerTool.Find(new TpoSettings()));
            Assert.Null(ContainerTool.Problem(new TpoSettings()));
            Assert.Equal("The setting 'Tpo__ContainerTool' names 'nerdctl', which is not there.", ContainerTool.Problem(new TpoSettings { ContainerTool = "nerdctl" }));
            Assert.Contains("give podman, docker, buildah or a path to one", ContainerTool.Problem(new TpoSettings { ContainerTool = "/bin/sh" }));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    private async Task<BackendStage> StageAsync(FakeTool tool, string image = FakeTool.Image)
    {
        var stage = await BackendStage.StartAsync(azurite, TrainingBackends.Container);
        stage.Settings = stage.Settings with { ContainerTool = tool.Path, ContainerImage = image, WorkFolder = Path.Combine(tool.Folder, "work") };
        return stage;
    }
}
