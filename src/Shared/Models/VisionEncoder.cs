using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>
/// Normalised frames to the tokens a decoder reads. Frames go through one at a time, so that a frame's tokens never depend on its
/// neighbours, and memory not on their number. Embeddings are [tokens, d], row-major.
/// </summary>
public sealed class VisionEncoder : IDisposable
{
    private readonly InferenceSession _session;
    private readonly VisionConfig _vision;
    private readonly bool _endsWithNewline;
    private float[]? _endOfVideo;

    public VisionEncoder(ExportedModel model, CheckpointConfig config, int threads)
    {
        _session = model.Session(OnnxGraphs.Vision, threads);
        _vision = config.Vision;
        _endsWithNewline = _session.OutputMetadata.ContainsKey(OnnxGraphs.EndOfVideo);
        TokensPerFrame = _session.OutputMetadata[OnnxGraphs.VideoTokens].Dimensions[1];
    }

    public int TokensPerFrame { get; }

    /// <summary>Tokens of a whole video: its frames', and the newline behind them where the model has one.</summary>
    public int TokensOf(int frames) => frames * TokensPerFrame + (_endsWithNewline ? 1 : 0);

    /// <summary>Each frame [3, S, S] → the video's tokens [TokensOf(frames), d].</summary>
    public float[] Encode(IEnumerable<float[]> frames, CancellationToken cancellation)
    {
        var tokens = new List<float>();
        foreach (var pixels in frames)
        {
            cancellation.ThrowIfCancellationRequested();
            using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, _vision.ImageSize, _vision.ImageSize]);
            using var run = new RunOptions();
            string[] wanted = _endsWithNewline && _endOfVideo is null ? [OnnxGraphs.VideoTokens, OnnxGraphs.EndOfVideo] : [OnnxGraphs.VideoTokens];
            using var outputs = _session.Run(run, [OnnxGraphs.PixelValues], [input], wanted);
            tokens.AddRange(outputs[0].GetTensorDataAsSpan<float>());
            if (outputs.Count > 1)
                _endOfVideo = outputs[1].GetTensorDataAsSpan<float>().ToArray();
        }
        if (_endsWithNewline)
            tokens.AddRange(_endOfVideo!);
        return [.. tokens];
    }

    public void Dispose() => _session.Dispose();
}
