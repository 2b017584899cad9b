using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tpo.GpuJob.Bench;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Serving;
using Xunit.Abstractions;

namespace Tpo.Tests.Integration.Training;

/// <summary>The plan's peak of training against the kernel's, a process each, for 138 million weights in f32.</summary>
public sealed class TrainingMemoryTests(ITestOutputHelper output)
{
    [Fact, Trait("Lane", "slow")]
    public async Task The_planned_peak_is_the_real_one_for_an_adapter_for_all_and_for_recomputed_layers()
    {
        using var model = new TemporaryFolder();
        await JobAsync("", "bench-dpo", model.Path, "--tokenizer", Path.Combine(Repository.Root, "infra", "local", "models", "tpo-nano"));
        foreach ((int rank, bool recompute) in new[] { (16, false), (0, false), (16, true), (0, true) })
        {
            string printed = await JobAsync("look 0\nscore 0\nstep 0\nstep 0\n", "bench-dpo", model.Path, "--rank", $"{rank}", "--way", recompute ? "recomputed" : "shared");
            long measured = long.Parse(Regex.Match(printed, @"peak_kb (\d+)").Groups[1].Value, CultureInfo.InvariantCulture) << 10;
            var plan = TrainingMemoryPlan.For(
                PreferenceBenchFiles.Config, new TrainingRequest { LoraRank = rank, FramesPerVideo = 32, BatchSize = 1 }, new TrainingWays(Recompute: recompute), PairSize.Of(30, 40, 40), videos: 1, onDevice: false);
            output.WriteLine($"{plan}\nmeasured {measured >> 20} MiB: {(double)plan.Peak / measured:F3}");
            Assert.InRange((double)plan.Peak / measured, 0.8, 1.2);
        }
    }

    private static async Task<string> JobAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Tpo.GpuJob.dll"), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in TrainingProcess.Environment)
            start.Environment[name] = value;
        using var job = Process.Start(start)!;
        await job.StandardInput.WriteAsync(input);
        job.StandardInput.Close();
        string printed = await job.StandardOutput.ReadToEndAsync();
        await job.WaitForExitAsync();
        Assert.Equal(0, job.ExitCode);
        return printed;
    }
}
