namespace Tpo.Cli.Benches;

/// <summary>A process that does a training step for each line it reads and answers `SECONDS LOSS`; at the end of its input `peak_kb N`.</summary>
internal sealed class StepProcess : IAsyncDisposable
{
    private readonly LineProcess process;

    private StepProcess(LineProcess process) => this.process = process;

    public sealed record Step(double Seconds, double Loss);

    public static StepProcess Job(string folder, int batch, int length) =>
        new(LineProcess.Job("bench-step", folder, "--batch", $"{batch}", "--length", $"{length}"));

    public static StepProcess PyTorch(string folder, int batch, int length) => new(LineProcess.PyTorch("step.py", folder, $"{batch}", $"{length}"));

    public async Task<Step> StepAsync(CancellationToken cancellation)
    {
        var numbers = await process.AskAsync("step", cancellation);
        return new Step(LineProcess.Number(numbers[0]), LineProcess.Number(numbers[1]));
    }

    /// <summary>The greatest resident memory of its whole life; it ends with this.</summary>
    public async Task<double> PeakMbAsync(CancellationToken cancellation) => LineProcess.Number((await process.EndAsync(cancellation))[1]) / 1024;

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
