using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>Runs the decoder graph over a cache: each call appends tokens behind those the cache holds.</summary>
public sealed class Decoder : IDisposable
{
    /// <summary>A long prompt goes in by pieces: attention needs memory of (piece × all tokens so far) a head.</summary>
    private const int PieceTokens = 512;

    private readonly InferenceSession _session;
    private readonly CheckpointConfig _config;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;

    public Decoder(ExportedModel model, CheckpointConfig config, int threads)
    {
        _session = model.Session(OnnxGraphs.Decoder, threads);
        _config = config;
        var layers = Enumerable.Range(0, config.Layers).ToArray();
        _inputNames =
        [
            OnnxGraphs.InputsEmbeds, OnnxGraphs.LogitRows, OnnxGraphs.LastPosition, OnnxGraphs.TotalLength, OnnxGraphs.Cosines, OnnxGraphs.Sines,
            .. layers.Select(OnnxGraphs.PastKey), .. layers.Select(OnnxGraphs.PastValue),
        ];
        _outputNames = [OnnxGraphs.Logits, .. layers.Select(OnnxGraphs.PresentKey), .. layers.Select(OnnxGraphs.PresentValue)];
    }

    public KeyValueCache NewCache(int capacity) => new(_config, capacity);

    /// <summary>Appends embeddings [T, d] and returns the logits [vocabulary] behind the last of them.</summary>
    public float[] Append(KeyValueCache cache, ReadOnlyMemory<float> embeddings, CancellationToken cancellation)
    {
        var logits = Array.Empty<float>();
        var width = _config.HiddenSize;
        for (var start = 0; start < embeddings.Length; start += PieceTokens * width)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = embeddings.Slice(start, Math.Min(PieceTokens * width, embeddings.Length - start));
            logits = Run(cache, piece, [piece.Length / width - 1]);
        }
        return logits;
    }

    /// <summary>Appends embeddings [T, d] at once and returns the logits [T, vocabulary] behind every one of them.</summary>
    public float[] AppendAndScore(KeyValueCache cache, ReadOnlyMemory<float> embeddings) =>
        Run(cache, embeddings, [.. Enumerable.Range(0, embeddings.Length / _config.HiddenSize).Select(row => (long)row)]);

    private float[] Run(KeyValueCache cache, ReadOnlyMemory<float> embeddings, long[] rows)
    {
        var tokens = embeddings.Length / _config.HiddenSize;
        var total = cache.Length + tokens;
        if (total > cache.Capacity)
            throw new InvalidOperationException($"The cache holds {cache.Capacity} tokens; {total} do not fit.");
        var logits = new float[rows.Length * _config.VocabularySize];
        // ONNX Runtime takes writable memory for inputs too, and does not write to it.
        var input = System.Runtime.InteropServices.MemoryMarshal.AsMemory(embeddings);
        using var embeds = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, input, [tokens, _config.HiddenSize]);
        using var wanted = OrtValue.CreateTensorValueFromMemory(rows, [rows.Length]);
        using var last = OrtValue.CreateTensorValueFromMemory(new[] { total - 1 }, [1]);
        using var length = OrtValue.CreateTensorValueFromMemory(new[] { total }, [1]);
        using var output = OrtValue.CreateTensorValueFromMemory(logits, [rows.Length, _config.VocabularySize]);
        using var run = new RunOptions();
        _session.Run(run,
            _inputNames, [embeds, wanted, last, length, cache.Cosines, cache.Sines, .. cache.Buffers],
            _outputNames, [output, .. cache.Buffers]);
        cache.Grow(tokens);
        return logits;
    }

    public void Dispose() => _session.Dispose();
}
