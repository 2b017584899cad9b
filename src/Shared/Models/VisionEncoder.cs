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
    private readonly float[] _endOfVideo;

    public VisionEncoder(ExportedModel model, CheckpointConfig config, ServingOptions options)
    {
        _session = model.Session(OnnxGraphs.Vision, options);
        _vision = config.Vision;
        _normalizer = new ImageNormalizer(_vision);
        _width = config.HiddenSize;
        _endOfVideo = new float[_width];
        _endsWithNewline = _session.OutputMetadata.ContainsKey(OnnxGraphs.EndOfVideo);
        TokensPerFrame = _session.OutputMetadata[OnnxGraphs.VideoTokens].Dimensions[1];
    }

    public int TokensPerFrame { get; }
    public long FramesEncoded { get; private set; }

    /// <summary>Tokens of a whole video: its frames', and the newline behind them where the model has one.</summary>
    public int TokensOf(int frames) => frames * TokensPerFrame + (_endsWithNewline ? 1 : 0);

    /// <exception cref="ArgumentException">the frame is not of the model's size</exception>
    public void RequireSize(RgbFrame frame) => _normalizer.RequireSize(frame);

    /// <summary>A video's tokens [TokensOf(frames), d].</summary>
    /// <exception cref="ArgumentException">a frame is not of the model's size</exception>
    public float[] Encode(IReadOnlyList<RgbFrame> frames, CancellationToken cancellation) =>
        Encode(Normalized(frames), cancellation);

    /// <summary>Normalised frames [3, S, S] each → the video's tokens [TokensOf(frames), d].</summary>
    public float[] Encode(IEnumerable<float[]> frames, CancellationToken cancellation)
    {
        var tokens = new List<float>();
        foreach (var piece in Pieces(frames, TokensPerFrame, cancellation))
            tokens.AddRange(piece.Span);
        return [.. tokens];
    }

    /// <summary>
    /// A video's tokens by pieces of whole frames, each of at most `pieceTokens` tokens (or one frame). A piece lies where the next one will:
    /// it is to be used before the next is asked for.
    /// </summary>
    /// <exception cref="ArgumentException">a frame is not of the model's size</exception>
    public IEnumerable<ReadOnlyMemory<float>> EncodeInPieces(IReadOnlyList<RgbFrame> frames, int pieceTokens, CancellationToken cancellation) =>
        Pieces(Normalized(frames), pieceTokens, cancellation);

    /// <summary>One frame's pixels after the other in one array: a frame's are read before the next one's are made.</summary>
    private IEnumerable<float[]> Normalized(IReadOnlyList<RgbFrame> frames)
    {
        var pixels = new float[_normalizer.Length];
        foreach (var frame in frames)
        {
            _normalizer.Normalize(frame, pixels);
            yield return pixels;
        }
    }

    private IEnumerable<ReadOnlyMemory<float>> Pieces(IEnumerable<float[]> frames, int pieceTokens, CancellationToken cancellation)
    {
        var frame = TokensPerFrame * _width;
        var most = Math.Max(1, pieceTokens / TokensPerFrame) * frame;
        var piece = new float[most + (_endsWithNewline ? _width : 0)];
        var filled = 0;
        foreach (var pixels in frames)
        {
            if (filled == most)
            {
                yield return piece.AsMemory(0, filled);
                filled = 0;
            }
            EncodeFrame(pixels, piece.AsMemory(filled, frame), cancellation);
            filled += frame;
        }
        if (_endsWithNewline)
        {
            _endOfVideo.CopyTo(piece, filled);
            filled += _width;
        }
        yield return piece.AsMemory(0, filled);
    }

    private void EncodeFrame(float[] pixels, Memory<float> tokens, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, _vision.ImageSize, _vision.ImageSize]);
        using var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tokens, [1, TokensPerFrame, _width]);
        using var newline = OrtValue.CreateTensorValueFromMemory(_endOfVideo, [1, _width]);
        using var run = new RunOptions();
        if (_endsWithNewline)
            _session.Run(run, [OnnxGraphs.PixelValues], [input], [OnnxGraphs.VideoTokens, OnnxGraphs.EndOfVideo], [output, newline]);
        else
            _session.Run(run, [OnnxGraphs.PixelValues], [input], [OnnxGraphs.VideoTokens], [output]);
        FramesEncoded++;
    }

    public void Dispose() => _session.Dispose();
}
