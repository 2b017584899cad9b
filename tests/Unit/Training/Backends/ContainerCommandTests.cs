using Tpo.Shared.Training;

namespace Tpo.Tests.Unit.Training.Backends;

/// <summary>What is said to the programs that run containers, word for word.</summary>
public sealed class ContainerCommandTests
{
    private static readonly string[] variables = ["AzureWebJobsStorage", "OTHER"];

    [Theory]
    [InlineData("podman", false, "run --rm --name tpo-r1 --network host -e AzureWebJobsStorage -e OTHER img:1 train --run-id r1")]
    [InlineData("/usr/bin/podman", true, "run --rm --name tpo-r1 --network host --device nvidia.com/gpu=all -e AzureWebJobsStorage -e OTHER img:1 train --run-id r1")]
    [InlineData("docker", true, "run --rm --name tpo-r1 --network host --gpus all -e AzureWebJobsStorage -e OTHER img:1 train --run-id r1")]
    [InlineData("docker", false, "run --rm --name tpo-r1 --network host -e AzureWebJobsStorage -e OTHER img:1 train --run-id r1")]
    public void Podman_and_docker_make_run_and_remove_it_by_one_command(string tool, bool gpu, string words)
    {
        var command = ContainerCommand.For(tool, "img:1", "r1", variables, gpu);
        Assert.Equal(words.Split(' '), command.Run);
        Assert.Equal((null, null, "rm -f tpo-r1"), (command.Prepare, command.After, string.Join(' ', command.Before)));
        Assert.Equal("ps --filter name=^tpo-r1$ --format {{.Names}}", string.Join(' ', ContainerCommand.ListRunning(tool, "r1")!));
        Assert.Equal("stop --time 60 tpo-r1", string.Join(' ', ContainerCommand.Stop(tool, "r1")!));
    }

    [Fact]
    public void Buildah_takes_three_is_told_the_entrypoint_and_hands_variables_on_by_standard_input()
    {
        var command = ContainerCommand.For("buildah", "img:1", "r1", variables, gpu: true);
        Assert.Equal("--storage-driver vfs from --name tpo-r1 img:1", string.Join(' ', command.Prepare!));
        Assert.Equal(
            [
                .. "--storage-driver vfs run --isolation chroot --network host tpo-r1 -- sh -c".Split(' '),
                "IFS= read -r AzureWebJobsStorage; export AzureWebJobsStorage; IFS= read -r OTHER; export OTHER; exec \"$@\"",
                .. "sh sh /job.sh train --run-id r1".Split(' '),
            ],
            command.Run);
        Assert.Equal(variables, command.Input);
        Assert.Equal("--storage-driver vfs rm tpo-r1", string.Join(' ', command.After!));
        Assert.Null(ContainerCommand.ListRunning("buildah", "r1"));
    }

    [Fact]
    public void Another_tool_is_refused_by_name() =>
        Assert.Contains("'nerdctl'", Assert.Throws<NotSupportedException>(() => ContainerCommand.For("nerdctl", "img", "r1", [], false)).Message);
}
