using Tpo.Shared.Models;

namespace Tpo.Cli.Benches.Serving;

/// <summary>The peak of a process that loads a model and answers one question about 32 frames, against its weights and the cache of that answer.</summary>
internal static class AnswerMemory
{
    private const int AnswerTokens = 16;

    /// <returns>peak ÷ (weights + keys and values)</returns>
    public static async Task<double> MeasureAsync(ServedModel served, CancellationToken cancellation)
    {
        var question = BenchQuestions.For(Tokenizer.Load(served.Folder))[0];
        await using var process = LineProcess.Job(
            "bench-answer", served.Folder, "--frames", $"{BenchVideo.FrameCount}", "--tokens", $"{AnswerTokens}", "--question", question);
        var said = await process.AnswerAsync(cancellation);
        double peak = LineProcess.Number(said[1]) * 1024, prompt = LineProcess.Number(said[3]);
        double weights = WeightFiles.Tensors(served.Folder).Values.Sum(tensor => tensor.Entry.Length);
        double cache = KeyValueCache.BytesFor(served.Config, (int)prompt + AnswerTokens);
        ServingBench.Row($"{served.Name}, a process that loads it and answers one question: greatest resident memory, weights, keys and values of {prompt + AnswerTokens:F0} tokens, ratio",
            $"{peak / 1e6:F0} MB, {weights / 1e6:F0} MB, {cache / 1e6:F0} MB, {peak / (weights + cache):F2}");
        return peak / (weights + cache);
    }
}
