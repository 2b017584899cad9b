namespace Tpo.Cli.Benches.Preference;

/// <summary>A process that trains on made-up pairs, a part at a time: ours, or PyTorch's the public trainers' way.</summary>
internal sealed class Trainer : IAsyncDisposable
{
    private readonly LineProcess process;

    private Trainer(LineProcess process) => this.process = process;

    public sealed record Step(double Seconds, double Loss);

    /// <param name="way">of GpuJob bench-dpo</param>
    public static Trainer Ours(string folder, int rank, string way = "shared") => new(LineProcess.TrainingJob("bench-dpo", folder, "--rank", $"{rank}", "--way", way));

    public static Trainer PyTorch(string folder, int rank, int pairs, bool checkpointed) =>
        new(LineProcess.PyTorch("dpo.py", folder, $"{rank}", $"{pairs}", checkpointed ? "1" : "0"));

    /// <summary>The video through the tower (ours alone: the other does it within its step).</summary>
    public async Task<double> LookAsync(int pair, CancellationToken cancellation) => (await AskAsync($"look {pair}", cancellation)).Seconds;

    /// <summary>The reference's log-probs (ours alone).</summary>
    public async Task<double> ScoreAsync(int pair, CancellationToken cancellation) => (await AskAsync($"score {pair}", cancellation)).Seconds;

    public Task<Step> StepAsync(int pair, CancellationToken cancellation) => AskAsync($"step {pair}", cancellation);

    /// <summary>PyTorch writes the first pair's gradients; ours compares with them: the greatest share, and the tensor.</summary>
    public async Task<string[]> GradientsAsync(string file, CancellationToken cancellation) => await process.AskAsync($"gradients {file}", cancellation);

    /// <summary>The greatest resident memory since the gradients were compared, or of its whole life; it ends with this.</summary>
    public async Task<double> PeakMbAsync(CancellationToken cancellation) => LineProcess.Number((await process.EndAsync(cancellation))[1]) / 1024;

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private async Task<Step> AskAsync(string line, CancellationToken cancellation)
    {
        var numbers = await process.AskAsync(line, cancellation);
        return new Step(LineProcess.Number(numbers[0]), LineProcess.Number(numbers[1]));
    }
}
