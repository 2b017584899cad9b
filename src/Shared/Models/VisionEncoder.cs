using Microsoft.ML.OnnxRuntime;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>
/// Frames to the tokens a decoder reads. Frames go through one at a time, so that a frame's tokens never depend on its neighbours, and
/// memory not on their number. Embeddings are [tokens, d], row-major.
/// </summary>
public sealed class VisionEncoder : IDisposable
{
    private readonly InferenceSession _session;
    private readonly VisionConfig _vision;
    private readonly ImageNormalizer _normalizer;
    private readonly bool _endsWithNewline;
    private readonly int _width;
    private float[]? _endOfVideo;

    public VisionEncoder(ExportedModel model, CheckpointConfig config, ServingOptions options)
    {
        _session = model.Session(OnnxGraphs.Vision, options);
        _vision = config.Vision;
        _normalizer = new ImageNormalizer(_vision);
        _width = config.HiddenSize;
        _endsWithNewline = _session.OutputMetadata.ContainsKey(OnnxGraphs.EndOfVideo);
        TokensPerFrame = _session.OutputMetadata[OnnxGraphs.VideoTokens].Dimensions[1];
    }

    public int TokensPerFrame { get; }
    public long FramesEncoded { get; private set; }

    /// <summary>Tokens of a whole video: its frames', and the newline behind them where the model has one.</summary>
    public int TokensOf(int frames) => frames * TokensPerFrame + (_endsWithNewline ? 1 : 0);

    /// <summary>A video's tokens [TokensOf(frames), d].</summary>
    /// <exception cref="ArgumentException">a frame is not of the model's size</exception>
    public float[] Encode(IReadOnlyList<RgbFrame> frames, CancellationToken cancellation) =>
        Encode(frames.Select(_normalizer.Normalize), cancellation);

    /// <summary>Normalised frames [3, S, S] each → the video's tokens [TokensOf(frames), d].</summary>
    public float[] Encode(IEnumerable<float[]> frames, CancellationToken cancellation) =>
        [.. Pieces(frames, int.MaxValue / _width, cancellation).SelectMany(piece => piece)];

    /// <summary>A video's tokens by pieces of whole frames, each of at most `pieceTokens` tokens (or one frame).</summary>
    /// <exception cref="ArgumentException">a frame is not of the model's size</exception>
    public IEnumerable<float[]> EncodeInPieces(IReadOnlyList<RgbFrame> frames, int pieceTokens, CancellationToken cancellation) =>
        Pieces(frames.Select(_normalizer.Normalize), pieceTokens, cancellation);

    private IEnumerable<float[]> Pieces(IEnumerable<float[]> frames, int pieceTokens, CancellationToken cancellation)
    {
        var piece = new List<float>();
        foreach (var pixels in frames)
        {
            if (piece.Count > 0 && piece.Count / _width + TokensPerFrame > pieceTokens)
            {
                yield return [.. piece];
                piece.Clear();
            }
            AddFrame(pixels, piece, cancellation);
        }
        if (_endsWithNewline)
            piece.AddRange(_endOfVideo!);
        yield return [.. piece];
    }

    private void AddFrame(float[] pixels, List<float> tokens, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, _vision.ImageSize, _vision.ImageSize]);
        using var run = new RunOptions();
        string[] wanted = _endsWithNewline && _endOfVideo is null ? [OnnxGraphs.VideoTokens, OnnxGraphs.EndOfVideo] : [OnnxGraphs.VideoTokens];
        using var outputs = _session.Run(run, [OnnxGraphs.PixelValues], [input], wanted);
        tokens.AddRange(outputs[0].GetTensorDataAsSpan<float>());
        if (outputs.Count > 1)
            _endOfVideo = outputs[1].GetTensorDataAsSpan<float>().ToArray();
        FramesEncoded++;
    }

    public void Dispose() => _session.Dispose();
}
