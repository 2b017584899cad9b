using System.Diagnostics;
using System.Globalization;
using Tpo.Shared.Training;

namespace Tpo.Cli.Benches;

/// <summary>A process with one thread that answers each line it reads with one line of words: what is measured from outside, in turns with others.</summary>
internal sealed class LineProcess : IAsyncDisposable
{
    // Debian's own: another python3 on the path would not see the package.
    private const string DebianPython = "/usr/bin/python3";

    public const string NoPyTorch = "this compares with PyTorch, which is not here: install the Debian package python3-torch (apt-get install python3-torch).";

    private readonly Process process;

    private LineProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        foreach (var variable in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TPO_THREADS" })
            start.Environment[variable] = "1";
        process = Process.Start(start)!;
    }

    /// <summary>A verb of the GPU job.</summary>
    public static LineProcess Job(params string[] arguments) => new(StartOfJob(arguments));

    /// <summary>The same in the environment that training is started in.</summary>
    public static LineProcess TrainingJob(params string[] arguments)
    {
        var start = StartOfJob(arguments);
        foreach (var (name, value) in TrainingProcess.Environment)
            start.Environment[name] = value;
        return new LineProcess(start);
    }

    /// <summary>A program of infra/local/bench.</summary>
    public static LineProcess PyTorch(string program, params string[] arguments) => new(new ProcessStartInfo(DebianPython,
        [Path.Combine(Surroundings.Root, "infra/local/bench", program), .. arguments]));

    private static ProcessStartInfo StartOfJob(string[] arguments) => new("sh", ["-c", $"exec {Surroundings.JobCommand} \"$@\"", "sh", .. arguments]);

    public static async Task<bool> PyTorchIsHereAsync(CancellationToken cancellation)
    {
        if (!File.Exists(DebianPython))
            return false;
        using var probe = Process.Start(new ProcessStartInfo(DebianPython, ["-c", "import torch"]) { RedirectStandardError = true })!;
        await probe.StandardError.ReadToEndAsync(cancellation);
        await probe.WaitForExitAsync(cancellation);
        return probe.ExitCode == 0;
    }

    public async Task<string[]> AskAsync(string line, CancellationToken cancellation)
    {
        await process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        await process.StandardInput.FlushAsync(cancellation);
        return await AnswerAsync(cancellation);
    }

    /// <summary>What it says at the end of its input.</summary>
    public Task<string[]> EndAsync(CancellationToken cancellation)
    {
        process.StandardInput.Close();
        return AnswerAsync(cancellation);
    }

    /// <summary>The next line, unasked.</summary>
    public async Task<string[]> AnswerAsync(CancellationToken cancellation) =>
        (await process.StandardOutput.ReadLineAsync(cancellation))?.Split(' ') is { Length: > 1 } words
            ? words : throw new CliFailure($"'{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}' ended without an answer.");

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
