using System.Diagnostics;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>
/// What rounding the weights changed, on questions about a made-up video: at how many positions of questions and answers (the exact model's)
/// both models find the same token likeliest, and how long each takes for a token of an answer.
/// </summary>
public sealed record Int8Agreement(int Same, int Positions, double ExactMilliseconds, double RoundedMilliseconds)
{
    /// <summary>Below this share, rounded weights are not put in place.</summary>
    public const double Least = 0.98;
    private const int Frames = 2, AnswerTokens = 24, Seed = 1;

    private static readonly string[] Questions =
    [
        "What happens in this video?", "Describe the video in detail.", "What is shown first?", "What is shown at the end?", "What comes right after the beginning?",
        "Which object appears in the middle of the video?", "How many objects are there?", "What color is the largest object?", "Where is the object on the left going?",
        "Is there a person in the video?", "Which of these is right?\nA. A red circle\nB. A blue square\nC. A green triangle\nD. None of them", "When does the scene change?",
        "Does anything disappear? Answer yes or no.", "What is the main subject doing?", "Summarize the video in one sentence.", "What was the order of events?",
    ];

    public double Share => (double)Same / Positions;

    public override string ToString() => FormattableString.Invariant(
        $"the same likeliest token as in f32 at {Share * 100:F1} % of {Positions} positions, {RoundedMilliseconds:F1} ms a token of an answer instead of {ExactMilliseconds:F1} ms");

    /// <param name="questions">what is asked; general questions if there are none. Without a tokenizer in the folder: random tokens</param>
    public static Int8Agreement Measure(string modelFolder, CheckpointConfig config, ExportedModel exact, ExportedModel rounded, IReadOnlyList<string> questions)
    {
        var serving = new ServingOptions();
        using var text = new TextEmbedder(exact, serving);
        using var exactDecoder = new Decoder(exact, config, serving);
        using var roundedDecoder = new Decoder(rounded, config, serving);
        var (system, turns) = Tokens(modelFolder, config, questions);
        float[] prefix = [.. text.Embed(system), .. Video(exact, config, serving)];
        var capacity = prefix.Length / config.HiddenSize + turns.Max(turn => turn.Length) + AnswerTokens;
        using var exactCache = exactDecoder.NewCache(capacity);
        using var roundedCache = roundedDecoder.NewCache(capacity);
        exactDecoder.Append(exactCache, prefix, default);
        roundedDecoder.Append(roundedCache, prefix, default);
        var shared = exactCache.Length;

        int same = 0, positions = 0;
        var (exactClock, roundedClock) = (new Stopwatch(), new Stopwatch());
        foreach (var turn in turns)
        {
            exactCache.Rewind(shared);
            roundedCache.Rewind(shared);
            var embedded = text.Embed(turn);
            var expected = Likeliest(exactDecoder.AppendAndScore(exactCache, embedded), config.VocabularySize);
            var found = Likeliest(roundedDecoder.AppendAndScore(roundedCache, embedded), config.VocabularySize);
            for (var token = 0; ; token++)
            {
                positions += expected.Length;
                same += expected.Zip(found).Count(pair => pair.First == pair.Second);
                if (token == AnswerTokens)
                    break;
                var next = text.Embed([expected[^1]]);
                expected = Likeliest(Timed(exactClock, exactDecoder, exactCache, next), config.VocabularySize);
                found = Likeliest(Timed(roundedClock, roundedDecoder, roundedCache, next), config.VocabularySize);
            }
        }
        double answered = turns.Length * AnswerTokens;
        return new Int8Agreement(same, positions, exactClock.Elapsed.TotalMilliseconds / answered, roundedClock.Elapsed.TotalMilliseconds / answered);
    }

    private static float[] Timed(Stopwatch clock, Decoder decoder, KeyValueCache cache, float[] embedded)
    {
        clock.Start();
        var logits = decoder.Append(cache, embedded, default);
        clock.Stop();
        return logits;
    }

    /// <summary>Tokens in front of the video, and a turn for each question.</summary>
    private static (int[] System, int[][] Turns) Tokens(string modelFolder, CheckpointConfig config, IReadOnlyList<string> questions)
    {
        if (File.Exists(Path.Combine(modelFolder, "tokenizer.json")))
        {
            var tokenizer = Tokenizer.Load(modelFolder);
            return (ChatTemplate.Prefix(tokenizer), [.. (questions.Count > 0 ? questions : Questions).Select(question => ChatTemplate.Turn(tokenizer, question))]);
        }
        if (questions.Count > 0)
            throw new FileNotFoundException($"'{modelFolder}' has no tokenizer.json, so it cannot be asked the questions that were given.");
        var random = new Random(Seed);
        int[] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(config.VocabularySize))];
        return (Some(AnswerTokens), [.. Questions.Select(_ => Some(AnswerTokens))]);
    }

    private static float[] Video(ExportedModel model, CheckpointConfig config, ServingOptions serving)
    {
        var random = new Random(Seed);
        using var vision = new VisionEncoder(model, config, serving);
        float[] Noise() => [.. Enumerable.Range(0, 3 * config.Vision.ImageSize * config.Vision.ImageSize).Select(_ => (float)(2 * random.NextDouble() - 1))];
        return vision.Encode(Enumerable.Range(0, Frames).Select(_ => Noise()), default);
    }

    private static int[] Likeliest(float[] logits, int vocabulary) =>
        [.. Enumerable.Range(0, logits.Length / vocabulary).Select(row => TokenSampler.Likeliest(logits.AsSpan(row * vocabulary, vocabulary)))];
}
