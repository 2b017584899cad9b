using System.Globalization;
using Tpo.Shared.Models;
using static Tpo.Shared.Models.MemoryPlan;

namespace Tpo.Shared.Training;

/// <summary>
/// What a training run will need, in bytes, computed from config and request before anything is opened: of the GPU's memory and this machine's, or
/// on a machine without a GPU of its memory alone.
/// </summary>
/// <remarks>
/// b: bytes of a computed number, 4, or 2 in bf16; n: numbers that are trained (<see cref="TrainingSizes"/>). T, R, N: see <see cref="PairSize"/>; L layers,
/// d, w, k, i, V: widths of the decoder and vocabulary; F frames, p patches, H, I: of the tower; r: the adapter's rank.
/// <list type="bullet">
/// <item>Weights: all numbers · b, and the adapter's n · b. Masters: n · 4 with bf16 (else the weights are their own) or offload. Moments: n · 8.</item>
/// <item>Gradients: n · 4, as the masters want them; beside an offloaded optimiser n · b, and n · 4 where that is.</item>
/// <item>Features: videos · F · p · H · b, the tower's output of a step's videos.</item>
/// <item>A layer keeps, of T rows: two norms' inputs in f32 and outputs 2d · (4 + b), with a trained norm in bf16 what it scales 2d · b; query, key, value and
/// mixed 2w + 2k; gate and up 2i; with an adapter the inner r of six projections. The last layer has R rows, but for its first norm, key and value.</item>
/// <item>Recomputed: L · T · d · b for the layers' inputs, and one layer as above.</item>
/// <item>Around the layers: embedded row T · d, video's rows, tables 2 · T · h, the last norm; a trained projector keeps 2 · F · p · d.</item>
/// <item>Logits of N ≤ 128 rows: softmax kept, two gradients of its size: 3 · N · V · 4; of more, two of 128 rows at a time, and none is kept.</item>
/// <item>LayerScratch: the larger of the gated product's way back, (4 or 5 with a trained weight) · T · i, and attention's, four blocks of 128 · heads · T.</item>
/// <item>A gradient that is added to an earlier pair's is there twice: the largest weight of what goes backward at the moment.</item>
/// <item>Tower: F frames at once, (N + 9) outputs of its layers, 2 · F · p · I, and without a GPU scores and softmax 2 · F · heads · p².</item>
/// <item>AdamW: two temporaries of the largest weight.</item>
/// <item>Holes, on the CPU: what passes (activations, scratch, layers' gradients) lies in glibc's heap, which grows to 2.25 times of it where pieces are small.</item>
/// </list>
/// The way back is followed layer by layer: what is kept gets less, gradients more (from a step's second pair on all of them are there from the start).
/// </remarks>
public sealed record TrainingMemoryPlan
{
    /// <summary>A process with .NET and libtorch that has trained a model of no size on the CPU. Measured: `bench-dpo` with 0.2 million weights on Linux x64, libtorch 1.13.</summary>
    public const long HostRuntimeBytes = 215L << 20;

    /// <summary>CUDA's context, cuBLAS' workspace, the kernels of libtorch and what its allocator cannot use. Reckoned, not measured.</summary>
    public const long DeviceRuntimeBytes = 1L << 30;

    /// <summary>
    /// Holes of glibc's heap beside what is live in it. Measured: `bench-dpo`, 10 and 138 million weights, an adapter and all, recomputed or not; with every piece mapped
    /// (GLIBC_TUNABLES=glibc.malloc.mmap_threshold=65536) there are none.
    /// </summary>
    private const double HolesShare = 1.25;

    /// <summary>From this size on a piece is mapped by itself (<see cref="TrainingProcess"/>).</summary>
    private const long MappedBytes = TrainingProcess.MappedBytes;

    private const int F32 = sizeof(float), AttentionRows = 128, ChunkedRows = 128;

    public required CheckpointConfig Config { get; init; }
    public required TrainingRequest Request { get; init; }
    public required TrainingWays Ways { get; init; }
    public required PairSize Pair { get; init; }
    /// <summary>Different videos of a step.</summary>
    public required int Videos { get; init; }
    public required bool OnDevice { get; init; }

    public TrainingSizes Sizes => TrainingSizes.Of(Config, Request.LoraRank);
    private bool Full => Request.LoraRank == 0;
    private bool Offloaded => OnDevice && Ways.OffloadOptimizer;
    private int Number => Ways.Bf16 ? sizeof(ushort) : F32;
    private long VideoRows => MemoryWorkload.VideoTokens(Config, Request.FramesPerVideo);
    private long Patches => (long)Request.FramesPerVideo * Config.Vision.Patches;

    /// <summary>T</summary>
    public long Rows => VideoRows + Pair.Text;

    public long Weights => (Sizes.All + Sizes.Adapter) * Number;
    public long Masters => Ways.Bf16 || Offloaded ? Sizes.Trained * F32 : 0;
    public long Moments => Sizes.Trained * 2 * F32;
    private int GradientNumber => Offloaded ? Number : F32;
    public long Gradients => Sizes.Trained * GradientNumber;
    public long Features => Videos * Patches * Config.Vision.HiddenSize * Number;
    public long Runtime => OnDevice ? DeviceRuntimeBytes : HostRuntimeBytes + Config.VocabularySize * TokenizerBytesPerToken;

    /// <summary>What all layers keep of one pair until its way back, and what lies around them.</summary>
    public long Activations => Around + (Ways.Recompute ? Inputs(Config.Layers) + Layer(Rows) : Layers(Config.Layers));

    /// <summary>Scored rows' logits and what becomes of them.</summary>
    public long Logits => (Pair.Scored <= ChunkedRows ? 3L * Pair.Scored : 2L * ChunkedRows) * Config.VocabularySize * F32;

    public long LayerScratch => Math.Max(
        Rows * (Full ? 5L : 4L) * Config.IntermediateSize + 2 * Rows * Config.HiddenSize,
        4L * AttentionRows * Config.Heads * Rows + Rows * (4L * Config.HiddenSize + 2 * Width + 4 * KeyWidth)) * Number;

    public long TowerScratch
    {
        get
        {
            long f = Request.FramesPerVideo, h = Config.Vision.HiddenSize, pixels = 3L * Config.Vision.ImageSize * Config.Vision.ImageSize;
            long scores = OnDevice ? 0 : 2 * Patches * Config.Vision.Heads * Config.Vision.Patches;
            return (f * pixels + Patches * ((Config.Vision.Layers + 9) * h + 2L * Config.Vision.IntermediateSize) + scores) * Number;
        }
    }

    /// <summary>While videos are looked at: before anything is trained.</summary>
    public long Look => Runtime + Weights + Features + TowerScratch;

    /// <summary>While a pair goes backward, from the second step on.</summary>
    public long Backward => Standing + WayBack().Max(stage => stage.Passing + stage.Wide);

    /// <summary>While AdamW changes the weights. A heap that has grown stays as large as it was.</summary>
    public long Update => Standing + TableGradients + (OnDevice ? LayerGradients : WayBack().Max(stage => stage.Passing)) + (Offloaded ? 0 : 2 * Sizes.LargestTrained * F32);

    /// <summary>The most that is there at once: of the GPU's memory, or where there is none of this machine's.</summary>
    public long Peak => new[] { Look, Backward, Update }.Max();

    /// <summary>What this machine's memory must have. Weights are read in f32 before they go to a GPU.</summary>
    public long Host => !OnDevice ? Peak : HostRuntimeBytes + Config.VocabularySize * TokenizerBytesPerToken
        + Math.Max(Sizes.All * F32, Offloaded ? Masters + Moments + Sizes.Trained * F32 : 0);

    public static TrainingMemoryPlan For(CheckpointConfig config, TrainingRequest request, TrainingWays ways, PairSize pair, int videos, bool onDevice) =>
        new() { Config = config, Request = request, Ways = ways, Pair = pair, Videos = videos, OnDevice = onDevice };

    private long Width => Config.Heads * Config.HeadSize;
    private long KeyWidth => Config.KeyValueHeads * Config.HeadSize;

    private long Around => Number * (Rows * (Config.HiddenSize + 2L * Config.HeadSize) + VideoRows * Config.HiddenSize + (Full ? 2 * Patches * Config.HiddenSize : 0)
        + 2L * Pair.Scored * Config.HiddenSize) + Norm(Pair.LastRows);

    private long Inputs(long layers) => layers * Rows * Config.HiddenSize * Number;

    private long Layers(long count) => count < Config.Layers ? count * Layer(Rows) : (count - 1) * Layer(Rows) + Layer(Pair.LastRows);

    private long Layer(long asked) => Norm(Rows) + Norm(asked) + Number * (
        2 * Rows * KeyWidth + asked * (2 * Width + 2L * Config.IntermediateSize) + (Full ? 0 : Request.LoraRank * (2 * Rows + 4 * asked)));

    private long Norm(long rows) => rows * Config.HiddenSize * (F32 + Number + (Full && Ways.Bf16 ? Number : 0));

    private long Standing => Runtime + Weights + (Offloaded ? 0 : Masters + Moments) + Features;
    private long TrainedLayer => Full ? Sizes.Layer : Sizes.AdapterLayer;
    private long LayerGradients => Config.Layers * TrainedLayer * GradientNumber;
    private long TableGradients => Gradients - LayerGradients;
    private long Matrix => Full ? Sizes.LargestMatrix : Sizes.LargestFactor;

    /// <summary>
    /// Activations, scratch and layers' gradients, with the heap's holes, and logits and the gradients of embeddings and head beside them: at the logits, at each layer
    /// from the last to the first, at the embeddings.
    /// </summary>
    private IEnumerable<(long Passing, long Wide)> WayBack()
    {
        bool carried = Request.BatchSize > 1;
        long head = Full ? Sizes.Table * GradientNumber : 0, again = carried ? head : 0, seen = carried ? TableGradients : head;
        long gradients(long layers) => WithHoles((carried ? Config.Layers : layers) * TrainedLayer * GradientNumber, Matrix * GradientNumber);
        long pass(long live) => WithHoles(live, Rows * Config.IntermediateSize * Number);
        yield return (pass(Around + (Ways.Recompute ? Inputs(Config.Layers) : Layers(Config.Layers))) + gradients(0), seen + again + Logits);
        for (long below = Config.Layers - 1; below >= 0; below--)
        {
            long asked = below == Config.Layers - 1 ? Pair.LastRows : Rows;
            long kept = (Ways.Recompute ? Inputs(below + 1) : Layers(below)) + Layer(asked);
            yield return (pass(Around + kept + LayerScratch * asked / Rows) + gradients(Config.Layers - below) + (carried ? Matrix * GradientNumber : 0), seen);
        }
        yield return (pass(Around + (Full ? 2 * Patches * Config.HiddenSize * Number : 0)) + gradients(Config.Layers), TableGradients + again);
    }

    /// <summary>What lies between live pieces of glibc's heap and cannot be used; pieces from <see cref="MappedBytes"/> on are mapped one by one and leave none.</summary>
    /// <param name="widest">bytes of the largest of the pieces</param>
    private long WithHoles(long live, long widest) => OnDevice ? live : live + (long)(HolesShare * live * Math.Min(1, MappedBytes / (double)widest));

    /// <summary>One line: what is trained and how, what each part takes, and the peak.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Way()}, {Request.FramesPerVideo} frames, rows of {Rows} tokens, {Videos} videos: weights {Size(Weights)}, masters {Size(Masters)}, gradients {Size(Gradients)}, moments {Size(Moments)}{(Offloaded ? " (masters and moments in the machine's memory)" : "")}, ")
        + $"videos' features {Size(Features)}, activations of a pair {Size(Activations)}, logits {Size(Logits)}, scratch of a layer {Size(LayerScratch)}, of the tower {Size(TowerScratch)}, runtime {Size(Runtime)}; "
        + $"peak {Size(Peak)} {(OnDevice ? $"of the GPU's memory, {Size(Host)} of the machine's" : "of the machine's memory")}{(Peak == Look ? " (looking at a video)" : Peak == Backward ? "" : " (changing the weights)")}";

    /// <summary>What is trained, and how.</summary>
    public string Way() => string.Join(", ", new[]
    {
        Full ? "projector and language model" : $"adapter of rank {Request.LoraRank}", Ways.Bf16 ? "bf16" : "f32", Ways.Recompute ? "recompute" : "", Offloaded ? "offloadOptimizer" : "",
    }.Where(part => part.Length > 0));
}
