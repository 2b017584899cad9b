namespace Tpo.Shared.Models;

/// <summary>What is asked of a model at its busiest: so many videos remembered, and so many questions answered side by side about one of them.</summary>
public sealed record MemoryWorkload(int Frames, int Questions = 1, int QuestionTokens = 64, int AnswerTokens = 64, int Videos = 1)
{
    /// <summary>Tokens of the template before the video: 14 with Qwen2's tokenizer.</summary>
    public const int SystemTokens = 14;

    public int TextTokens => SystemTokens + Questions * (QuestionTokens + AnswerTokens);

    /// <summary>Rows of one video's cache: system prompt, frames, questions with their answers, and the room that is kept behind them.</summary>
    public int Rows(CheckpointConfig config) => TextTokens + VideoTokens(config, Frames) + VideoLanguageModel.SpareTokens;

    /// <summary>Tokens of a video: F · (p² and a newline a row or a frame, as the config says), and one newline behind them all where it says that.</summary>
    public static int VideoTokens(CheckpointConfig config, int frames)
    {
        var side = config.PooledPerSide;
        var newlines = config.Newlines switch { "grid" => side, "frame" => 1, _ => 0 };
        return frames * (side * side + newlines) + (config.Newlines == "one_token" && config.HasNewline ? 1 : 0);
    }

    /// <summary>The longest video that context and budget hold, with one question: what a model has to be ready for.</summary>
    public static MemoryWorkload Largest(CheckpointConfig config, ServingType dtype, long cacheBytes)
    {
        var one = new MemoryWorkload(1);
        var rows = Math.Min(config.MaxLength, cacheBytes / KeyValueCache.BytesFor(config, 1, dtype));
        var room = rows - one.Rows(config);
        return one with { Frames = 1 + (int)Math.Max(0, room / Math.Max(1, VideoTokens(config, 2) - VideoTokens(config, 1))) };
    }
}
