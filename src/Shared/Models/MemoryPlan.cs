using System.Globalization;

namespace Tpo.Shared.Models;

/// <summary>
/// What a model will need, in bytes, computed from its config before anything is opened. With f32 it is memory of the machine; f16 and bf16
/// run on CUDA, where weights, keys, values and scratch lie on the device (beside CUDA's own context, which is not counted).
/// </summary>
/// <remarks>
/// b bytes a number; d, i: widths of the decoder; w = heads · h; k = kv · h; V: vocabulary; H, I, g: widths and patches of the tower; S: picture;
/// T: rows of a cache; P = min(256, T): tokens of a piece; K: questions side by side of q tokens; F: frames.
/// <list type="bullet">
/// <item>Weights: (matrices + plain) · b, see <see cref="WeightSizes"/>. EmbeddingRows: a touched row brings 64 KiB of the file with it, at most V · d · b;
/// a device gets the whole table, counted with the weights. In int8 a rounded number has 1 byte, and 4 / 32 each for its block's scale as mapped, its
/// scale and sum as repacked (unrepacked: 1 and 4 / 32).</item>
/// <item>KeysAndValues: videos · 2 · layers · kv · T · h · b, the budget at most.</item>
/// <item>Frames: F · 3S² of 8 bits, and one frame's pixels 3S² · 4.</item>
/// <item>TowerScratch of one frame: the largest of g · (3P² + 2H) (convolution), 9gH (attention: input, norm, q, k, v twice, output),
/// g · (2H + 2I) (MLP), g · (H + 3d) (projector and pooling); and a block of attention, as ONNX Runtime cuts it: no scores [heads, g, g].</item>
/// <item>DecoderScratch of a piece: the larger of P · (2d + 4w + 5k) (attention: sum, norm, q, k, v, each also by heads, q and k turned, output)
/// and P · (2d + 3i) (MLP); and a block of attention. No scores [heads, P, T] either; one new token has heads · T.</item>
/// <item>Unrolled: int8 without repacking writes a matrix out in f32 before it multiplies, the largest one at most.</item>
/// <item>Both scratches lie in arenas: twice what is live.</item>
/// <item>Tables: mask P · T, cos and sin T · h, in f32. Activations: a piece's rows P · d, the questions' K · q · d twice, logits K · V, in f32.</item>
/// </list>
/// </remarks>
public sealed record MemoryPlan
{
    /// <summary>
    /// A process with .NET and ONNX Runtime (57 MiB of it code pages) that has answered once with a model of no size. Measured: the job's
    /// `memory --measure` on Linux x64, .NET 10, ONNX Runtime 1.29, with a checkpoint of 0.2 million weights: 81 MiB, less what is counted below.
    /// </summary>
    public const long RuntimeBytes = 74L << 20;

    /// <summary>A token of the vocabulary with its merge, and what reading them leaves behind. Measured: 90 MiB for Qwen2.5's 151,665.</summary>
    public const long TokenizerBytesPerToken = 620;

    /// <summary>What the collector lets lie before it collects large arrays for the first time (its least budget for them).</summary>
    public const long GarbageBytes = 3L << 20;

    /// <summary>Linux maps so many bytes around a page of a file that is touched (fault_around_bytes).</summary>
    private const long FaultAround = 64 << 10;
    /// <summary>ONNX Runtime's arenas double what they take and give nothing back, so they hold twice what is live, at most.</summary>
    private const long Arena = 2;
    /// <summary>ONNX Runtime cuts attention into blocks for the L2 cache; today's have 2 MiB at most.</summary>
    private const long L2Cache = 2 << 20;

    public required CheckpointConfig Config { get; init; }
    public required ServingType Dtype { get; init; }
    public required bool Int8 { get; init; }
    public required bool LowMemory { get; init; }
    public required MemoryWorkload Workload { get; init; }

    public long Tokenizer { get; private init; }
    public long Weights { get; private init; }
    public long LargestMatrix { get; private init; }
    public long Unrolled { get; private init; }
    public long EmbeddingRows { get; private init; }
    public long KeysAndValues { get; private init; }
    public long Frames { get; private init; }
    public long TowerScratch { get; private init; }
    public long DecoderScratch { get; private init; }
    public long Tables { get; private init; }
    public long Activations { get; private init; }

    /// <summary>Whether weights, keys, values and scratch are on a CUDA device.</summary>
    public bool OnDevice => Dtype != ServingType.F32;

    /// <summary>What a process takes that has opened a model of no size, with the vocabulary's tokenizer.</summary>
    public long Runtime => RuntimeBytes + GarbageBytes + Tokenizer;

    /// <summary>
    /// While sessions open: all weights, and the largest matrix both mapped and repacked. Without repacking nothing is read yet; a device
    /// gets copies as they are.
    /// </summary>
    public long Load => OnDevice ? Weights : Runtime + (LowMemory ? 0 : Weights + LargestMatrix);

    /// <summary>While a video is read and answered about: tower and decoder take turns, and what each has taken it keeps.</summary>
    public long Answer => Weights + EmbeddingRows + KeysAndValues + TowerScratch + DecoderScratch + Unrolled + (OnDevice ? 0 : HostParts);

    /// <summary>The most that is there at once: of this machine's memory with f32, of the device's otherwise.</summary>
    public long Peak => Math.Max(Load, Answer);

    /// <summary>What this machine's memory must have, device or not.</summary>
    public long Host => OnDevice ? HostParts : Peak;

    private long HostParts => Runtime + Frames + Tables + Activations;

    public static MemoryPlan For(CheckpointConfig config, ServingType dtype, ServingOptions options, MemoryWorkload workload, bool int8 = false)
    {
        var weights = WeightSizes.Of(config);
        var number = dtype == ServingType.F32 ? sizeof(float) : sizeof(ushort);
        var rows = workload.Rows(config);
        long piece = Math.Min(Decoder.PieceTokens, rows), d = config.HiddenSize;
        long pixels = 3L * config.Vision.ImageSize * config.Vision.ImageSize;
        var cache = workload.Videos * KeyValueCache.BytesFor(config, rows, dtype);
        return new MemoryPlan
        {
            Config = config, Dtype = dtype, Int8 = int8, LowMemory = options.LowMemory, Workload = workload,
            Tokenizer = config.VocabularySize * TokenizerBytesPerToken,
            Weights = (weights.Matrices + weights.Plain + (dtype == ServingType.F32 ? 0 : weights.Table)) * number
                - (int8 ? weights.Rounded * number - weights.Rounded - (options.LowMemory ? 1 : 3) * weights.Rounded * sizeof(float) / WeightSizes.Int8Block : 0),
            LargestMatrix = int8 ? Math.Max(weights.LargestMatrix, weights.LargestExact * number) : weights.LargestMatrix * number,
            Unrolled = int8 && options.LowMemory ? weights.LargestMatrix * number : 0,
            EmbeddingRows = dtype != ServingType.F32 ? 0 : Math.Min(weights.Table * number, workload.TextTokens * FaultAround),
            KeysAndValues = options.CacheBytes is { } budget ? Math.Min(cache, budget) : cache,
            Frames = workload.Frames * pixels + pixels * sizeof(float),
            TowerScratch = Arena * number * (TowerNumbers(config)
                + options.Threads * AttentionBlock(config.Vision.HiddenSize / config.Vision.Heads, config.Vision.Patches, config.Vision.Patches)),
            DecoderScratch = Arena * number * (DecoderNumbers(config, piece, rows) + options.Threads * AttentionBlock(config.HeadSize, piece, rows)),
            Tables = (piece * rows + rows * config.HeadSize) * sizeof(float),
            Activations = (piece * d + 2L * workload.Questions * workload.QuestionTokens * d + (long)workload.Questions * config.VocabularySize) * sizeof(float),
        };
    }

    /// <summary>Scores of one block [a, c] and its output [a, h] of one thread, c = min(L2 / 32h, all), a = min(c, 2h, new).</summary>
    private static long AttentionBlock(long head, long newTokens, long allTokens)
    {
        var columns = Math.Min(L2Cache / (32 * head), allTokens);
        return Math.Min(Math.Min(columns, 2 * head), newTokens) * (columns + head);
    }

    private static long TowerNumbers(CheckpointConfig config)
    {
        long g = config.Vision.Patches, h = config.Vision.HiddenSize, patch = 3L * config.Vision.PatchSize * config.Vision.PatchSize;
        return g * new[] { patch + 2 * h, 9 * h, 2 * h + 2L * config.Vision.IntermediateSize, h + 3L * config.HiddenSize }.Max();
    }

    private static long DecoderNumbers(CheckpointConfig config, long piece, long rows)
    {
        long d = config.HiddenSize, w = config.Heads * config.HeadSize, k = config.KeyValueHeads * config.HeadSize;
        return Math.Max(piece * Math.Max(2 * d + 4 * w + 5 * k, 2 * d + 3L * config.IntermediateSize), config.Heads * rows);
    }

    /// <summary>One line: what is asked, what each part takes, and the peak.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Int8 ? "int8" : Dtype.ToString().ToLowerInvariant())}{(LowMemory ? ", low memory" : "")}, {Workload.Frames} frames, {Workload.Questions} question(s): weights {Size(Weights)}, keys and values {Size(KeysAndValues)}, ")
        + $"frames {Size(Frames)}, scratch and tables {Size(TowerScratch + DecoderScratch + Unrolled + Tables + Activations + EmbeddingRows)}, runtime and tokenizer {Size(Runtime)}; peak {Size(Peak)}{(OnDevice ? " on the device" : Load > Answer ? " while loading" : "")}";

    public static string Size(long bytes) => bytes switch
    {
        >= 10L << 30 => (bytes / (double)(1 << 30)).ToString("F1", CultureInfo.InvariantCulture) + " GiB",
        >= 1L << 20 => (bytes / (double)(1 << 20)).ToString("N0", CultureInfo.InvariantCulture) + " MiB",
        _ => (bytes / 1024.0).ToString("N0", CultureInfo.InvariantCulture) + " KiB",
    };
}
