using System.Diagnostics;
using System.Runtime.InteropServices;
using Tpo.Shared.Models;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches.Serving;

/// <summary>
/// Greedy tokens a second behind the same prompt (32 frames and a question), here and in eager PyTorch with a cache, one thread each, in
/// turns; and beside them how fast the machine copies memory. Both must write the same tokens.
/// </summary>
internal static class TokenSpeed
{
    private const int Repeats = 7;
    private const double Giga = 1e9;

    public static async Task<Speeds> MeasureAsync(ServedModel served, BenchVideo video, int tokens, CancellationToken cancellation)
    {
        var options = new ServingOptions { Threads = 1 };
        var exported = ExportedModel.Open(served.Folder);
        using var text = new TextEmbedder(exported, options);
        using var decoder = new Decoder(exported, served.Config, options);
        var prompt = await PromptAsync(served, exported, text, video, cancellation);
        var promptFile = Path.Combine(served.Folder, "prompt.f32");
        await File.WriteAllBytesAsync(promptFile, MemoryMarshal.AsBytes<float>(prompt).ToArray(), cancellation);

        await using var pyTorch = LineProcess.PyTorch("decode.py", served.Folder, promptFile, $"{tokens}");
        var length = prompt.Length / served.Config.HiddenSize;
        using var cache = decoder.NewCache(length + tokens);
        var first = Likeliest(decoder.Append(cache, prompt, cancellation));
        Console.WriteLine($"  {served.Name}: prompt of {length} tokens read here; PyTorch reads it");
        var theirFirst = await pyTorch.AnswerAsync(cancellation);
        File.Delete(promptFile);
        MustEqual([first], [int.Parse(theirFirst[1])]);

        using var copy = new CopyBandwidth();
        var speeds = new Speeds(BytesRead(served, length + tokens / 2));
        Generate();
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            var (ids, seconds) = Generate();
            var bandwidth = copy.Measure();
            var theirs = await pyTorch.AskAsync("again", cancellation);
            MustEqual(ids, [.. theirs[1..].Select(int.Parse)]);
            speeds.Add(tokens / seconds, tokens / LineProcess.Number(theirs[0]), bandwidth);
            Console.WriteLine($"  {served.Name}, {tokens} tokens, run {repeat + 1} of {Repeats}: {speeds.Own[^1]:F1} a second, PyTorch {speeds.PyTorch[^1]:F1}, memory copied at {bandwidth / Giga:F1} GB/s");
        }
        ServingBench.Row($"{served.Name}, {tokens} tokens behind a prompt of {length}, {Repeats} runs in turns: tokens a second, eager PyTorch's, ratio; the same tokens",
            $"{Spread(speeds.Own, "F1")}, {Spread(speeds.PyTorch, "F1")}, {Spread(speeds.Ratio)} times");
        ServingBench.Row($"the same: weights, keys and values read a second ({speeds.BytesPerToken / 1e6:F0} MB a token); memory copied a second, each byte counted once; share; share of what copying reads and writes",
            $"{Spread(speeds.Reading.Select(bytes => bytes / Giga), "F1")} GB/s, {Spread(speeds.Copying.Select(bytes => bytes / Giga), "F1")} GB/s, {Spread(speeds.BandwidthShare)}, {Spread(speeds.BandwidthShare.Select(share => share / 2))}");
        return speeds;

        // Behind the prompt and its first token, whatever the tokens mean: an end mark does not end it.
        (int[] Ids, double Seconds) Generate()
        {
            cache.Rewind(length);
            var ids = new int[tokens];
            var clock = Stopwatch.StartNew();
            for (int i = 0, token = first; i < tokens; i++)
                ids[i] = token = Likeliest(decoder.Append(cache, text.Embed([token]), cancellation));
            return (ids, clock.Elapsed.TotalSeconds);
        }

        void MustEqual(int[] ours, int[] theirs)
        {
            if (!ours.SequenceEqual(theirs))
                throw new CliFailure($"{served.Name}: the two do not write the same: {string.Join(' ', ours)} here, {string.Join(' ', theirs)} in PyTorch. The times would say nothing.");
        }
    }

    /// <summary>System prompt, video, question as embeddings [T · d].</summary>
    private static async Task<float[]> PromptAsync(ServedModel served, ExportedModel exported, TextEmbedder text, BenchVideo video, CancellationToken cancellation)
    {
        var tokenizer = Tokenizer.Load(served.Folder);
        var (frames, _) = await video.DecodeAsync(served.Config.Recipe, cancellation);
        using var vision = new VisionEncoder(exported, served.Config, new ServingOptions { Threads = 1 });
        return
        [
            .. text.Embed(ChatTemplate.Prefix(tokenizer)), .. vision.Encode(frames, cancellation),
            .. text.Embed(ChatTemplate.Turn(tokenizer, BenchQuestions.For(tokenizer)[0])),
        ];
    }

    private static int Likeliest(float[] logits) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits);

    /// <summary>Bytes in f32 that one token needs: the decoder's weights, and keys and values of all tokens before it.</summary>
    private static double BytesRead(ServedModel served, int before)
    {
        var weights = WeightFiles.Tensors(served.Folder).Values
            .Where(tensor => tensor.Entry.Name.StartsWith("model.layers.", StringComparison.Ordinal) || tensor.Entry.Name is "model.norm.weight" or "lm_head.weight")
            .Sum(tensor => sizeof(float) * tensor.Entry.Shape.Aggregate(1.0, (product, size) => product * size));
        return weights + KeyValueCache.BytesFor(served.Config, before);
    }
}

/// <summary>Tokens a second of every run, and bytes a second copied beside it.</summary>
internal sealed class Speeds(double bytesPerToken)
{
    public List<double> Own { get; } = [];
    public List<double> PyTorch { get; } = [];
    public List<double> Copying { get; } = [];
    public double BytesPerToken => bytesPerToken;
    public IEnumerable<double> Ratio => Own.Zip(PyTorch, (own, theirs) => own / theirs);
    public IEnumerable<double> Reading => Own.Select(tokens => tokens * bytesPerToken);
    public IEnumerable<double> BandwidthShare => Reading.Zip(Copying, (read, copied) => read / copied);

    public void Add(double own, double pyTorch, double copying)
    {
        Own.Add(own);
        PyTorch.Add(pyTorch);
        Copying.Add(copying);
    }
}
