namespace Tpo.Shared.Models;

/// <summary>
/// How many numbers a served model's weights are, by what ONNX Runtime does with them. Matrices are the second operand of a `Gemm`: read from
/// the mapped file once, repacked (rows rounded up to 16), and the file's pages dropped. Plain: norms, biases, positions, convolution; read
/// where they are mapped. Table: the embeddings [V, d], of which the rows of the tokens at hand are read. LargestMatrix is for a moment there
/// twice. Rounded: the matrices of the decoder whose rows are whole blocks of 32, which an int8 export rounds; LargestExact: the largest of the others.
/// Tensors that a checkpoint holds but no graph uses (CLIP's last layer, the tower's last norm) are not mapped and not counted.
/// </summary>
public sealed record WeightSizes(long Matrices, long Plain, long Table, long LargestMatrix, long Rounded, long LargestExact)
{
    /// <summary>Numbers of a row that share a scale.</summary>
    public const int Int8Block = 32;

    /// <summary>
    /// Decoder, d wide, w = heads · h, k = kv · h, inner i: L · (2dw + 2dk + 3di) + Vd in matrices (a tied head is repacked from the table).
    /// Tower, H wide, inner I, p patches of P × P: N · (4H² + 2HI); projector Hd + d².
    /// </summary>
    public static WeightSizes Of(CheckpointConfig config)
    {
        long d = config.HiddenSize, w = config.Heads * config.HeadSize, k = config.KeyValueHeads * config.HeadSize, i = config.IntermediateSize;
        long vocabulary = config.VocabularySize;
        var decoder = config.Layers * (2 * d * Packed(w) + 2 * d * Packed(k) + 3 * d * Packed(i)) + Packed(vocabulary) * d;
        var decoderPlain = config.Layers * (2 * d + w + 2 * k) + d;

        var rounded = Whole(d) * (config.Layers * (Packed(w) + 2 * Packed(k) + 2 * Packed(i)) + Packed(vocabulary)) * d + config.Layers * d * (Whole(w) * Packed(w) + Whole(i) * Packed(i));

        var clip = config.Vision.ModelType == VisionConfig.Clip;
        long h = config.Vision.HiddenSize, inner = config.Vision.IntermediateSize, layers = config.Vision.Layers - (clip ? 1 : 0);
        var tower = layers * (4 * h * Packed(h) + 2 * h * Packed(inner)) + (h + d) * Packed(d);
        long pixels = 3L * config.Vision.PatchSize * config.Vision.PatchSize;
        var towerPlain = layers * (9 * h + inner) + (pixels + config.Vision.Patches + (clip ? 4 : 1)) * h + 2 * d + (config.HasNewline ? d : 0);
        return new WeightSizes(decoder + tower, decoderPlain + towerPlain, vocabulary * d,
            new[] { vocabulary * d, d * i, d * w, h * inner, h * d, d * d }.Max(), rounded, new[] { (1 - Whole(d)) * vocabulary * d, h * inner, h * d, d * d }.Max());
    }

    private static int Whole(long row) => row % Int8Block == 0 ? 1 : 0;

    private static long Packed(long rows) => (rows + 15) / 16 * 16;
}
