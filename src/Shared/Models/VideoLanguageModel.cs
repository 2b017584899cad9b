using System.Diagnostics;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>How answers are made. Temperature 0 takes the likeliest token each time; otherwise the seed decides.</summary>
public sealed record GenerationOptions(int MaxNewTokens = 64, double Temperature = 0, int Seed = 0);

/// <summary>One answer. Truncated: it reached MaxNewTokens before its end. Seconds: the first answer's include encoding what all share.</summary>
public sealed record ModelAnswer(string Text, int PromptTokens, int GeneratedTokens, bool Truncated, double Seconds);

/// <summary>
/// A video language model on this machine (ONNX Runtime). A video's frames are encoded once; the keys and values of system prompt and video
/// are kept while its questions are answered one after the other. One caller at a time computes; others wait.
/// </summary>
public sealed partial class VideoLanguageModel : IDisposable
{
    private readonly VisionEncoder _vision;
    private readonly TextEmbedder _text;
    private readonly Decoder _decoder;
    private readonly Tokenizer _tokenizer;
    private readonly ImageNormalizer _normalizer;
    private readonly HashSet<int> _ends;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private VideoLanguageModel(string modelFolder, string modelId, int threads)
    {
        ModelId = modelId;
        Config = CheckpointConfig.Load(modelFolder);
        _tokenizer = Tokenizer.Load(modelFolder);
        if (_tokenizer.Size > Config.VocabularySize)
            throw new InvalidDataException($"'{modelFolder}': tokenizer.json has {_tokenizer.Size} tokens, config.json's vocab_size is {Config.VocabularySize}.");
        _ends = [_tokenizer.SpecialId(ChatTemplate.TurnEnd), _tokenizer.SpecialId(ChatTemplate.EndOfText)];
        _normalizer = new ImageNormalizer(Config.Vision);
        var exported = ExportedModel.Open(modelFolder);
        Revision = exported.Manifest.Revision;
        _vision = new VisionEncoder(exported, Config, threads);
        _text = new TextEmbedder(exported, threads);
        _decoder = new Decoder(exported, Config, threads);
    }

    /// <summary>Opens an exported model: config.json, tokenizer.json, *.safetensors and onnx/ in one folder.</summary>
    /// <exception cref="FileNotFoundException">one of them is missing; the message names it</exception>
    /// <exception cref="StaleExportException">onnx/ was exported by another build, or from another config or other weights</exception>
    public static VideoLanguageModel Load(string modelFolder, string modelId, int threads = 1)
    {
        if (!File.Exists(Path.Combine(modelFolder, "config.json")))
            throw new FileNotFoundException($"'{modelFolder}' is no model: it has no config.json.");
        WeightFiles.List(modelFolder);
        return new VideoLanguageModel(modelFolder, modelId, threads);
    }

    public string ModelId { get; }
    /// <summary>What names the served weights in every lineage: SHA-256 over the weight files, with what was merged into them.</summary>
    public string Revision { get; }
    public CheckpointConfig Config { get; }
    /// <summary>How its frames are to be made.</summary>
    public ImageRecipe Recipe => Config.Recipe;
    /// <summary>Width and height that frames must have.</summary>
    public int ImageSize => Config.Vision.ImageSize;

    /// <summary>Answers every question about one video, in order. An answer depends on the frames, its question and the options alone.</summary>
    /// <exception cref="ArgumentException">no frames, a frame of the wrong size, an empty question, or more tokens than the model's context</exception>
    public Task<IReadOnlyList<ModelAnswer>> AnswerAsync(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, GenerationOptions options, CancellationToken cancellation = default)
    {
        var turns = Turns(questions);
        Require(frames.Count > 0, "No frames: a question about a video needs at least one.", nameof(frames));
        return InTurnAsync(() => Answer(frames, questions, turns, options, cancellation), cancellation);
    }

    /// <summary>Asks the same about each frame alone (captions): answer i is what <see cref="AnswerAsync"/> says of frame i only.</summary>
    public Task<IReadOnlyList<ModelAnswer>> AnswerEachFrameAsync(
        IReadOnlyList<RgbFrame> frames, string question, GenerationOptions options, CancellationToken cancellation = default)
    {
        var turns = Turns([question]);
        return InTurnAsync(() => AnswerEach(frames, question, turns, options, cancellation), cancellation);
    }

    private IReadOnlyList<ModelAnswer> Answer(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, int[][] turns, GenerationOptions options, CancellationToken cancellation)
    {
        if (questions.Count == 0)
            return [];
        var clock = Stopwatch.StartNew();
        var system = ChatTemplate.Prefix(_tokenizer);
        using var cache = NewCache(system.Length, frames.Count, turns, options);
        _decoder.Append(cache, _text.Embed(system), cancellation);
        _decoder.Append(cache, _vision.Encode(frames.Select(frame => _normalizer.Normalize(frame)), cancellation), cancellation);
        var shared = cache.Length;

        var answers = new List<ModelAnswer>(questions.Count);
        for (var i = 0; i < questions.Count; i++)
        {
            cache.Rewind(shared);
            answers.Add(Generate(cache, questions[i], turns[i], options, clock, cancellation));
            clock.Restart();
        }
        return answers;
    }

    private IReadOnlyList<ModelAnswer> AnswerEach(
        IReadOnlyList<RgbFrame> frames, string question, int[][] turns, GenerationOptions options, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var system = ChatTemplate.Prefix(_tokenizer);
        using var cache = NewCache(system.Length, 1, turns, options);
        _decoder.Append(cache, _text.Embed(system), cancellation);

        var answers = new List<ModelAnswer>(frames.Count);
        foreach (var frame in frames)
        {
            cache.Rewind(system.Length);
            _decoder.Append(cache, _vision.Encode([_normalizer.Normalize(frame)], cancellation), cancellation);
            answers.Add(Generate(cache, question, turns[0], options, clock, cancellation));
            clock.Restart();
        }
        return answers;
    }

    /// <summary>The turn's tokens behind the cache's prefix, then tokens until the answer's end.</summary>
    private ModelAnswer Generate(
        KeyValueCache cache, string question, int[] turn, GenerationOptions options, Stopwatch clock, CancellationToken cancellation)
    {
        var sampler = new TokenSampler(options.Temperature, options.Seed, question);
        var answer = new List<int>();
        var logits = _decoder.Append(cache, _text.Embed(turn), cancellation);
        var prompt = cache.Length;
        for (var next = sampler.Pick(logits); !_ends.Contains(next); next = sampler.Pick(logits))
        {
            answer.Add(next);
            if (answer.Count == options.MaxNewTokens)
                return new ModelAnswer(TextOf(answer), prompt, answer.Count, Truncated: true, clock.Elapsed.TotalSeconds);
            logits = _decoder.Append(cache, _text.Embed([next]), cancellation);
        }
        return new ModelAnswer(TextOf(answer), prompt, answer.Count, Truncated: false, clock.Elapsed.TotalSeconds);
    }

    // A vocabulary is often padded behind the tokenizer's last id; such an id has no text.
    private string TextOf(List<int> ids) => _tokenizer.Decode(ids.Where(id => id < _tokenizer.Size));

    private KeyValueCache NewCache(int system, int frames, int[][] turns, GenerationOptions options)
    {
        Require(options.MaxNewTokens > 0, $"MaxNewTokens is {options.MaxNewTokens}; an answer needs at least one token.", nameof(options));
        var capacity = system + _vision.TokensOf(frames) + turns.Max(turn => turn.Length) + options.MaxNewTokens;
        Require(capacity <= Config.MaxLength,
            $"{frames} frames ({_vision.TokensOf(frames)} tokens), the longest question ({turns.Max(turn => turn.Length)}), the system prompt ({system}) and "
            + $"an answer of {options.MaxNewTokens} need {capacity} tokens; this model's context holds {Config.MaxLength}. Take fewer frames or a shorter question.",
            nameof(frames));
        return _decoder.NewCache(capacity);
    }

    private int[][] Turns(IReadOnlyList<string> questions)
    {
        for (var i = 0; i < questions.Count; i++)
            Require(!string.IsNullOrWhiteSpace(questions[i]), $"Question {i} is empty.", nameof(questions));
        return [.. questions.Select(question => ChatTemplate.Turn(_tokenizer, question))];
    }

    private async Task<IReadOnlyList<ModelAnswer>> InTurnAsync(Func<IReadOnlyList<ModelAnswer>> compute, CancellationToken cancellation)
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

    private static void Require(bool holds, string otherwise, string argument)
    {
        if (!holds)
            throw new ArgumentException(otherwise, argument);
    }

    public void Dispose()
    {
        _vision.Dispose();
        _text.Dispose();
        _decoder.Dispose();
        _turn.Dispose();
    }
}
