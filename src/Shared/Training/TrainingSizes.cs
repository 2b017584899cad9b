using Tpo.Shared.Models;

namespace Tpo.Shared.Training;

/// <summary>How many numbers a model in training has, and how many of them change. Of a checkpoint all tensors are loaded, those that no graph uses too.</summary>
/// <remarks>
/// Decoder, d wide, w = heads · h, k = kv · h, inner i, vocabulary V; tower, H wide, inner I, N layers, p patches of P × P; projector of two layers.
/// <list type="bullet">
/// <item>Layer: 2dw + 2dk + 3di in matrices, w + 2k biases, 2d norms. Table and Head: V · d each, a tied head none of its own.</item>
/// <item>Projector: (H + 1) d + (d + 1) d, and the newline's d where there is one.</item>
/// <item>Tower: N · (4H² + 2HI + 9H + I) + (3P² + p + 3) H; CLIP has a class token's place and one norm more, 3H.</item>
/// <item>Adapter of rank r on a layer's seven projections: r · (2 (d + w) + 2 (d + k) + 3 (d + i)).</item>
/// </list>
/// </remarks>
public sealed record TrainingSizes(long Layer, long Layers, long Table, long Head, long Projector, long Norm, long Tower, long AdapterLayer, long LargestMatrix, long LargestFactor)
{
    public static TrainingSizes Of(CheckpointConfig config, int loraRank)
    {
        long d = config.HiddenSize, w = config.Heads * config.HeadSize, k = config.KeyValueHeads * config.HeadSize, i = config.IntermediateSize;
        long h = config.Vision.HiddenSize, inner = config.Vision.IntermediateSize, clip = config.Vision.ModelType == VisionConfig.Clip ? 3 : 0;
        long pixels = 3L * config.Vision.PatchSize * config.Vision.PatchSize, table = config.VocabularySize * d;
        return new TrainingSizes(
            2 * d * w + 2 * d * k + 3 * d * i + w + 2 * k + 2 * d, config.Layers, table, config.TieWordEmbeddings ? 0 : table,
            (h + 1) * d + (d + 1) * d + (config.HasNewline ? d : 0), d,
            config.Vision.Layers * (4 * h * h + 2 * h * inner + 9 * h + inner) + (pixels + config.Vision.Patches + 3 + clip) * h,
            loraRank * (2 * (d + w) + 2 * (d + k) + 3 * (d + i)), Math.Max(d * i, d * w), loraRank * Math.Max(i, d));
    }

    /// <summary>Of the checkpoint.</summary>
    public long All => Trainable + Tower;

    /// <summary>Projector and language model.</summary>
    public long Trainable => Layers * Layer + Table + Head + Norm + Projector;

    public long Adapter => Layers * AdapterLayer;

    /// <summary>What the optimiser has: the adapter's factors where there is one.</summary>
    public long Trained => Adapter > 0 ? Adapter : Trainable;

    /// <summary>The largest of what the optimiser has.</summary>
    public long LargestTrained => Adapter > 0 ? LargestFactor : Math.Max(Table, LargestMatrix);
}
