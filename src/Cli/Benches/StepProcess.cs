using System.Diagnostics;
using System.Globalization;

namespace Tpo.Cli.Benches;

/// <summary>A process that does a training step for each line it reads and answers `SECONDS LOSS`; at the end of its input `peak_kb N`.</summary>
internal sealed class StepProcess : IAsyncDisposable
{
    // Debian's own: another python3 on the path would not see the package.
    private const string DebianPython = "/usr/bin/python3";

    private readonly Process process;

    private StepProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        foreach (var variable in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TPO_THREADS" })
            start.Environment[variable] = "1";
        process = Process.Start(start)!;
    }

    public sealed record Step(double Seconds, double Loss);

    public static StepProcess Job(string folder, int batch, int length) => new(new ProcessStartInfo("sh",
        ["-c", $"exec {Surroundings.JobCommand} \"$@\"", "sh", "bench-step", folder, "--batch", $"{batch}", "--length", $"{length}"]));

    public static StepProcess PyTorch(string folder, int batch, int length) => new(new ProcessStartInfo(DebianPython,
        [Path.Combine(Surroundings.Root, "infra/local/bench/step.py"), folder, $"{batch}", $"{length}"]));

    public static async Task MustHavePyTorchAsync(CancellationToken cancellation)
    {
        using var probe = File.Exists(DebianPython)
            ? Process.Start(new ProcessStartInfo(DebianPython, ["-c", "import torch"]) { RedirectStandardError = true }) : null;
        if (probe is not null)
        {
            await probe.StandardError.ReadToEndAsync(cancellation);
            await probe.WaitForExitAsync(cancellation);
        }
        if (probe?.ExitCode != 0)
            throw new CliFailure("This bench compares with PyTorch, which is not here: install the Debian package python3-torch (apt-get install python3-torch).");
    }

    public async Task<Step> StepAsync(CancellationToken cancellation)
    {
        await process.StandardInput.WriteLineAsync("step".AsMemory(), cancellation);
        await process.StandardInput.FlushAsync(cancellation);
        var numbers = await AnswerAsync(cancellation);
        return new Step(Number(numbers[0]), Number(numbers[1]));
    }

    /// <summary>The greatest resident memory of its whole life; it ends with this.</summary>
    public async Task<double> PeakMbAsync(CancellationToken cancellation)
    {
        process.StandardInput.Close();
        return Number((await AnswerAsync(cancellation))[1]) / 1024;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<string[]> AnswerAsync(CancellationToken cancellation) =>
        (await process.StandardOutput.ReadLineAsync(cancellation))?.Split(' ') is { Length: 2 } parts
            ? parts : throw new CliFailure($"'{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}' ended without an answer.");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
