using System.Diagnostics;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>What a model has done since it was opened. A hit: a video was remembered, so neither tower nor prefill ran.</summary>
public sealed record ServingCounters(long FramesEncoded, long VideoHits, long VideoMisses, long TokensWritten, int VideosRemembered, long CacheBytes);

/// <summary>
/// A video language model on this machine (ONNX Runtime). A video's frames are encoded once; the keys and values of system prompt and video
/// are remembered, within a budget, for the questions of this call and of later ones. The questions of a call are answered side by side.
/// One caller at a time computes; others wait.
/// </summary>
public sealed partial class VideoLanguageModel : IDisposable
{
    /// <summary>Room behind a new video, so that a second call's questions need no larger buffers.</summary>
    internal const int SpareTokens = 512;

    private readonly VisionEncoder _vision;
    private readonly TextEmbedder _text;
    private readonly Decoder _decoder;
    private readonly AnswerWriter _writer;
    private readonly VideoPrefixes _videos;
    private readonly Tokenizer _tokenizer;
    private readonly int[] _system;
    private readonly ServingOptions _options;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _hits, _misses;
    private double _visionSeconds, _prefixSeconds;
    private bool _closed;

    private VideoLanguageModel(string modelFolder, string modelId, ServingOptions options)
    {
        ModelId = modelId;
        Config = CheckpointConfig.Load(modelFolder);
        _tokenizer = Tokenizer.Load(modelFolder);
        if (_tokenizer.Size > Config.VocabularySize)
            throw new InvalidDataException($"'{modelFolder}': tokenizer.json has {_tokenizer.Size} tokens, config.json's vocab_size is {Config.VocabularySize}.");
        _system = ChatTemplate.Prefix(_tokenizer);
        var ends = new HashSet<int> { _tokenizer.SpecialId(ChatTemplate.TurnEnd), _tokenizer.SpecialId(ChatTemplate.EndOfText) };
        var exported = ExportedModel.Open(modelFolder, options.GraphFolder);
        Revision = exported.Manifest.Revision;
        _options = options = MemoryBudget.Settle(modelId, Config, exported.Manifest, options);
        try
        {
            _vision = new VisionEncoder(exported, Config, options);
            _text = new TextEmbedder(exported, options);
            _decoder = new Decoder(exported, Config, options);
        }
        catch
        {
            // A model that cannot be opened whole holds no weights.
            _vision?.Dispose();
            _text?.Dispose();
            throw;
        }
        _writer = new AnswerWriter(_decoder, _text, ends, Config);
        _videos = new VideoPrefixes(Config, exported.Manifest.Dtype, options.CacheBytes!.Value);
    }

    /// <summary>Opens an exported model: config.json, tokenizer.json, *.safetensors and onnx/ in one folder.</summary>
    /// <exception cref="FileNotFoundException">one of them is missing; the message names it</exception>
    /// <exception cref="StaleExportException">onnx/ was exported by another build, or from another config or other weights</exception>
    /// <exception cref="InsufficientMemoryException">its weights and the smallest question, or the CacheBytes asked for, do not fit into the memory there is</exception>
    public static VideoLanguageModel Load(string modelFolder, string modelId, ServingOptions? options = null)
    {
        if (!File.Exists(Path.Combine(modelFolder, "config.json")))
            throw new FileNotFoundException($"'{modelFolder}' is no model: it has no config.json.");
        WeightFiles.List(modelFolder);
        return new VideoLanguageModel(modelFolder, modelId, options ?? new ServingOptions());
    }

    public string ModelId { get; }
    /// <summary>What names the served weights in every lineage: SHA-256 over the weight files, with what was merged into them.</summary>
    public string Revision { get; }
    public CheckpointConfig Config { get; }
    /// <summary>How its frames are to be made.</summary>
    public ImageRecipe Recipe => Config.Recipe;
    /// <summary>Tokens that a frame becomes, its newlines included.</summary>
    public int TokensPerFrame => _vision.TokensPerFrame;
    /// <summary>Width and height that frames must have.</summary>
    public int ImageSize => Config.Vision.ImageSize;
    public ServingCounters Counters
    {
        get
        {
            var (videos, bytes) = _videos.Kept;
            return new ServingCounters(_vision.FramesEncoded, _hits, _misses, _writer.TokensWritten, videos, bytes);
        }
    }

    /// <summary>The video's keys and values, remembered or computed now, with room for so many rows in all.</summary>
    private VideoPrefix Remember(IReadOnlyList<RgbFrame> frames, int rows, CancellationToken cancellation)
    {
        var key = VideoPrefixes.KeyOf(frames);
        cancellation.ThrowIfCancellationRequested();
        if (_videos.Find(key, rows) is { } known)
        {
            _hits++;
            return known;
        }
        _misses++;
        rows = Math.Min(rows + SpareTokens, Math.Max(rows, _videos.MostTokens));
        _videos.MakeRoom(rows);
        var cache = _decoder.NewCache(rows);
        try
        {
            var clock = Stopwatch.StartNew();
            _decoder.Append(cache, _text.Embed(_system), cancellation);
            _prefixSeconds += clock.Lap();
            foreach (var piece in _vision.EncodeInPieces(frames, Decoder.PieceTokens, cancellation))
            {
                _visionSeconds += clock.Lap();
                _decoder.Append(cache, piece, cancellation);
                _prefixSeconds += clock.Lap();
            }
            return _videos.Keep(new VideoPrefix(key, cache, cache.Length));
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <exception cref="ObjectDisposedException">the model was closed, now or while the caller waited for its turn</exception>
    private async Task<T> InTurnAsync<T>(Func<T> compute, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return await Task.Run(compute, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits for the one who computes; those who wait for their turn are told.</summary>
    public void Dispose()
    {
        _turn.Wait();
        try
        {
            if (_closed)
                return;
            _closed = true;
            _videos.Dispose();
            _vision.Dispose();
            _text.Dispose();
            _decoder.Dispose();
        }
        finally
        {
            // The semaphore itself holds nothing that must be freed, and someone may still be waiting at it.
            _turn.Release();
        }
    }
}
