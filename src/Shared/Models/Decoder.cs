using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>Runs the decoder graph over a cache: each call appends tokens behind those the cache holds, to the trunk or to its branches.</summary>
public sealed class Decoder : IDisposable
{
    /// <summary>Many tokens go in by pieces: attention needs memory of (piece × all tokens so far) a head. Smaller pieces were no faster.</summary>
    public const int PieceTokens = 256;

    private readonly InferenceSession _session;
    private readonly CheckpointConfig _config;
    private readonly CacheMemory _memory;
    private readonly RotaryTables _rotary;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private float[] _mask = [];
    private bool _maskIsClear;

    public Decoder(ExportedModel model, CheckpointConfig config, ServingOptions options)
    {
        _session = model.Session(OnnxGraphs.Decoder, options);
        _memory = new CacheMemory(_session, model.Manifest.Dtype, model.OnCuda);
        _config = config;
        _rotary = new RotaryTables(config.RopeTheta, config.HeadSize);
        TakesBranches = _session.InputMetadata.ContainsKey(OnnxGraphs.AttentionBias);
        var layers = Enumerable.Range(0, config.Layers).ToArray();
        string[] branching = TakesBranches ? [OnnxGraphs.Positions, OnnxGraphs.AttentionBias] : [];
        _inputNames =
        [
            OnnxGraphs.InputsEmbeds, OnnxGraphs.LogitRows, OnnxGraphs.LastPosition, OnnxGraphs.TotalLength, OnnxGraphs.Cosines, OnnxGraphs.Sines,
            .. branching, .. layers.Select(OnnxGraphs.PastKey), .. layers.Select(OnnxGraphs.PastValue),
        ];
        _outputNames = [OnnxGraphs.Logits, .. layers.Select(OnnxGraphs.PresentKey), .. layers.Select(OnnxGraphs.PresentValue)];
    }

    /// <summary>False where the graph has no mask (CUDA's attention takes none): then one branch at a time may stand on the trunk.</summary>
    public bool TakesBranches { get; }

    public KeyValueCache NewCache(int capacity) => new(_config, capacity, _memory);

    /// <summary>Appends embeddings [T, d] to one branch (the trunk if not said otherwise) and returns the logits [vocabulary] behind the last.</summary>
    public float[] Append(KeyValueCache cache, ReadOnlyMemory<float> embeddings, CancellationToken cancellation, int branch = SequenceTree.Trunk)
    {
        var tokens = embeddings.Length / _config.HiddenSize;
        return Append(cache, embeddings, Repeat(branch, tokens), [tokens - 1], cancellation);
    }

    /// <summary>Appends embeddings [T, d] to one branch and returns the logits [T, vocabulary] behind every one of them.</summary>
    public float[] AppendAndScore(KeyValueCache cache, ReadOnlyMemory<float> embeddings, int branch = SequenceTree.Trunk)
    {
        var tokens = embeddings.Length / _config.HiddenSize;
        return Append(cache, embeddings, Repeat(branch, tokens), [.. Enumerable.Range(0, tokens)], CancellationToken.None);
    }

    /// <summary>
    /// Appends embeddings [T, d], token i to branches[i], and returns the logits [R, vocabulary] behind the tokens `wanted` (ascending).
    /// </summary>
    public float[] Append(
        KeyValueCache cache, ReadOnlyMemory<float> embeddings, ReadOnlySpan<int> branches, ReadOnlySpan<int> wanted, CancellationToken cancellation)
    {
        var width = _config.HiddenSize;
        var logits = new float[wanted.Length * _config.VocabularySize];
        var answered = 0;
        for (var start = 0; start < branches.Length; start += PieceTokens)
        {
            cancellation.ThrowIfCancellationRequested();
            var tokens = Math.Min(PieceTokens, branches.Length - start);
            var rows = new List<long>();
            for (var i = answered; i < wanted.Length && wanted[i] < start + tokens; i++)
                rows.Add(wanted[i] - start);
            var here = logits.AsMemory(answered * _config.VocabularySize, rows.Count * _config.VocabularySize);
            Run(cache, embeddings.Slice(start * width, tokens * width), branches.Slice(start, tokens), [.. rows], here, cancellation);
            answered += rows.Count;
        }
        return logits;
    }

    private void Run(
        KeyValueCache cache, ReadOnlyMemory<float> embeddings, ReadOnlySpan<int> branches, long[] rows, Memory<float> logits, CancellationToken cancellation)
    {
        var total = cache.Length + branches.Length;
        if (total > cache.Capacity)
            throw new InvalidOperationException($"The cache holds {cache.Capacity} tokens; {total} do not fit.");
        var positions = cache.Tree.Add(branches);
        var (cosines, sines) = _rotary.For(cache.Capacity);
        // ONNX Runtime takes writable memory for inputs too, and does not write to it.
        using var embeds = Tensor(MemoryMarshal.AsMemory(embeddings), branches.Length, _config.HiddenSize);
        using var wanted = Tensor<long>(rows, rows.Length);
        using var last = Tensor<int>(new[] { total - 1 }, 1);
        using var length = Tensor<int>(new[] { total }, 1);
        using var places = Tensor<long>(positions, 1, positions.Length);
        using var bias = Tensor(Mask(cache.Tree, branches.Length, cache.Capacity), 1, 1, branches.Length, total);
        using var output = Tensor(logits, rows.Length, _config.VocabularySize);
        using var run = new RunOptions();
        using var stop = cancellation.Register(() => run.Terminate = true);
        OrtValue[] branching = TakesBranches ? [places, bias] : [];
        try
        {
            _session.Run(run,
                _inputNames, [embeds, wanted, last, length, cosines, sines, .. branching, .. cache.Buffers],
                _outputNames, [output, .. cache.Buffers]);
        }
        catch (OnnxRuntimeException e) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("The answer was cancelled.", e, cancellation);
        }
    }

    /// <summary>One buffer for all masks: all zeros most of the time.</summary>
    private Memory<float> Mask(SequenceTree tree, int newRows, int capacity)
    {
        if (!TakesBranches && !tree.IsOneSequence)
            throw new InvalidOperationException("This model's graph has no mask for branches: one question at a time.");
        var size = newRows * tree.Rows;
        if (_mask.Length < size)
            (_mask, _maskIsClear) = (new float[Math.Max(size, PieceTokens * capacity)], true);
        if (!tree.IsOneSequence)
        {
            tree.Mask(newRows, _mask);
            _maskIsClear = false;
        }
        else if (!_maskIsClear)
        {
            _mask.AsSpan().Clear();
            _maskIsClear = true;
        }
        return _mask.AsMemory(0, size);
    }

    private static OrtValue Tensor<T>(Memory<T> values, params long[] shape) where T : unmanaged =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, shape);

    private static int[] Repeat(int branch, int tokens)
    {
        var branches = new int[tokens];
        Array.Fill(branches, branch);
        return branches;
    }

    public void Dispose()
    {
        _memory.Dispose();
        _session.Dispose();
        _rotary.Dispose();
    }
}
