using Tpo.GpuJob.Sft;

namespace Tpo.Tests.Unit.Synthetic;

public sealed class SftResumeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-sft-").FullName;

    [Fact]
    public void A_run_that_was_stopped_and_resumed_equals_one_that_was_not()
    {
        Train("undisturbed", 4);
        Train("stopped", 2);
        var halfway = Weights("stopped", 2);
        Train("stopped", 4);
        Assert.Equal(Weights("undisturbed", 4), Weights("stopped", 4));
        Assert.NotEqual(halfway, Weights("stopped", 4));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_folder, "stopped"), "step-*.rest.safetensors"));
    }

    /// <summary>Two steps of the tower, two of frames: the rate does not fall, so it does not depend on where the run ends.</summary>
    private void Train(string name, int steps)
    {
        var folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        new SftRun(new SftOptions
        {
            Folder = folder, Seed = 3, Curriculum = new Curriculum(2, 2, 2, 2, 2, 2, 2), Rate = new LearningRate(1e-3, 50, 2, steps, 0), SaveEvery = 2, ScoreEvery = 0,
        }).Run(CancellationToken.None);
    }

    private byte[] Weights(string name, int step) => File.ReadAllBytes(SftState.WeightsFile(Path.Combine(_folder, name), step));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
