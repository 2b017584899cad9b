using System.Diagnostics;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>How answers are made. Temperature 0 takes the likeliest token each time; otherwise the seed decides, among the likeliest that reach TopP.</summary>
public sealed record GenerationOptions(int MaxNewTokens = 64, double Temperature = 0, int Seed = 0, double TopP = 1);

/// <summary>
/// One answer. Truncated: it reached MaxNewTokens before its end. Seconds: its share of the time that it and the answers beside it took;
/// the first one's includes encoding what all share.
/// </summary>
public sealed record ModelAnswer(string Text, IReadOnlyList<int> Tokens, int PromptTokens, bool Truncated, double Seconds)
{
    public int GeneratedTokens => Tokens.Count;
}

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

    private VideoLanguageModel(string modelFolder, string modelId, ServingOptions options)
    {
        ModelId = modelId;
        Config = CheckpointConfig.Load(modelFolder);
        _tokenizer = Tokenizer.Load(modelFolder);
        if (_tokenizer.Size > Config.VocabularySize)
            throw new InvalidDataException($"'{modelFolder}': tokenizer.json has {_tokenizer.Size} tokens, config.json's vocab_size is {Config.VocabularySize}.");
        _system = ChatTemplate.Prefix(_tokenizer);
        var exported = ExportedModel.Open(modelFolder, options.GraphFolder);
        Revision = exported.Manifest.Revision;
        _options = options = MemoryBudget.Settle(modelId, Config, exported.Manifest, options);
        _vision = new VisionEncoder(exported, Config, options);
        _text = new TextEmbedder(exported, options);
        _decoder = new Decoder(exported, Config, options);
        _writer = new AnswerWriter(_decoder, _text, new HashSet<int> { _tokenizer.SpecialId(ChatTemplate.TurnEnd), _tokenizer.SpecialId(ChatTemplate.EndOfText) }, Config);
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
    /// <summary>Width and height that frames must have.</summary>
    public int ImageSize => Config.Vision.ImageSize;
    public ServingCounters Counters => new(_vision.FramesEncoded, _hits, _misses, _writer.TokensWritten, _videos.Count, _videos.Bytes);

    /// <summary>
    /// Answers every question about one video, in order. The same frames, questions and options give the same answers; other questions
    /// beside it move an answer's logits by no more than rounding does.
    /// </summary>
    /// <exception cref="ArgumentException">no frames, a frame of the wrong size, an empty question, or more tokens than context or memory hold</exception>
    public Task<IReadOnlyList<ModelAnswer>> AnswerAsync(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, GenerationOptions options, CancellationToken cancellation = default)
    {
        var turns = Turns(questions);
        RequireFrames(frames);
        return InTurnAsync(() => Answer(frames, questions, turns, options, said: null, cancellation), cancellation);
    }

    /// <summary>Asks the same about each frame alone (captions): answer i is what <see cref="AnswerAsync"/> says of frame i only.</summary>
    public Task<IReadOnlyList<ModelAnswer>> AnswerEachFrameAsync(
        IReadOnlyList<RgbFrame> frames, string question, GenerationOptions options, CancellationToken cancellation = default)
    {
        var turn = Turns([question])[0];
        if (frames.Count > 0)
            RequireFrames(frames);
        return InTurnAsync(() => AnswerEach(frames, question, turn, options, cancellation), cancellation);
    }

    private IReadOnlyList<ModelAnswer> Answer(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, int[][] turns, GenerationOptions options, Action<int, int>? said, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var shared = _system.Length + _vision.TokensOf(frames.Count);
        var answers = new List<ModelAnswer>(questions.Count);
        foreach (var group in Groups(frames.Count, shared, [.. turns.Select(turn => turn.Length)], options))
        {
            var (start, count) = group.GetOffsetAndLength(turns.Length);
            var video = Remember(frames, shared + turns[group].Sum(turn => turn.Length + options.MaxNewTokens), cancellation);
            answers.AddRange(Write(video.Cache, [.. turns[group].Select(_text.Embed)], questions.Skip(start).Take(count), options, said, clock, cancellation));
        }
        return answers;
    }

    private IReadOnlyList<ModelAnswer> AnswerEach(IReadOnlyList<RgbFrame> frames, string question, int[] turn, GenerationOptions options, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var perFrame = _vision.TokensOf(1) + turn.Length;
        var answers = new List<ModelAnswer>(frames.Count);
        KeyValueCache? cache = null;
        try
        {
            foreach (var group in Groups(1, _system.Length, [.. frames.Select(_ => perFrame)], options))
            {
                var (start, count) = group.GetOffsetAndLength(frames.Count);
                var rows = _system.Length + count * (perFrame + options.MaxNewTokens);
                if (cache is null)
                {
                    _videos.MakeRoom(rows);
                    cache = _decoder.NewCache(rows);
                    _decoder.Append(cache, _text.Embed(_system), cancellation);
                }
                cache.Rewind(_system.Length);
                var asked = _text.Embed(turn);
                float[][] openings = [.. frames.Skip(start).Take(count).Select(frame => (float[])[.. _vision.Encode([frame], cancellation), .. asked])];
                answers.AddRange(Write(cache, openings, Enumerable.Repeat(question, count), options, said: null, clock, cancellation));
            }
        }
        finally
        {
            cache?.Dispose();
        }
        return answers;
    }

    private IEnumerable<ModelAnswer> Write(
        KeyValueCache cache, IReadOnlyList<float[]> openings, IEnumerable<string> questions, GenerationOptions options, Action<int, int>? said, Stopwatch clock, CancellationToken cancellation)
    {
        var before = clock.Elapsed.TotalSeconds;
        var written = _writer.Write(cache, openings, [.. questions.Select(question => new TokenSampler(options, question))],
            options.MaxNewTokens, said, cancellation);
        var share = (clock.Elapsed.TotalSeconds - before) / openings.Count;
        clock.Restart();
        return written.Select((answer, i) => new ModelAnswer(
            TextOf(answer.Tokens), answer.Tokens, answer.PromptTokens, answer.Truncated, share + (i == 0 ? before : 0)));
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
            _decoder.Append(cache, _text.Embed(_system), cancellation);
            foreach (var piece in _vision.EncodeInPieces(frames, Decoder.PieceTokens, cancellation))
                _decoder.Append(cache, piece, cancellation);
            return _videos.Keep(new VideoPrefix(key, cache, cache.Length));
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    // A vocabulary is often padded behind the tokenizer's last id; such an id has no text.
    private string TextOf(IEnumerable<int> ids) => _tokenizer.Decode(ids.Where(id => id < _tokenizer.Size));

    private async Task<T> InTurnAsync<T>(Func<T> compute, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await Task.Run(compute, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _videos.Dispose();
        _vision.Dispose();
        _text.Dispose();
        _decoder.Dispose();
        _turn.Dispose();
    }
}
