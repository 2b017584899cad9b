using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>What a request must keep to, checked before anything is computed.</summary>
public sealed partial class VideoLanguageModel
{
    private const string NoFrames = "No frames: a question about a video needs at least one.";

    /// <summary>
    /// Questions in order, cut into groups that are answered side by side: as many as the options allow and as the budget has memory for,
    /// counting the shared rows once and each question's own with its answer.
    /// </summary>
    private IEnumerable<Range> Groups(int frames, int shared, int[] own, GenerationOptions options)
    {
        Require(options.MaxNewTokens > 0, $"MaxNewTokens is {options.MaxNewTokens}; an answer needs at least one token.", nameof(options));
        if (own.Length == 0)
            return [];
        var longest = shared + own.Max() + options.MaxNewTokens;
        var parts = $"{frames} frames ({_vision.TokensOf(frames)} tokens), the system prompt ({_system.Length}), the longest question and an answer of {options.MaxNewTokens}";
        Require(longest <= Config.MaxLength,
            $"{parts} need {longest} tokens; this model's context holds {Config.MaxLength}. Take fewer frames or a shorter question.", nameof(frames));
        Require(longest <= _videos.MostTokens,
            $"{parts} need {MemoryPlan.Size(_videos.BytesFor(longest))} of keys and values; the budget is {MemoryPlan.Size(_options.CacheBytes!.Value)}. Take fewer frames or raise {nameof(ServingOptions.CacheBytes)}.", nameof(frames));
        return Split();

        IEnumerable<Range> Split()
        {
            var most = _decoder.TakesBranches ? _options.MaxBatch : 1;
            for (int start = 0, end; start < own.Length; start = end)
            {
                var rows = shared;
                for (end = start; end < own.Length && end - start < most && (end == start || rows + own[end] + options.MaxNewTokens <= _videos.MostTokens); end++)
                    rows += own[end] + options.MaxNewTokens;
                yield return start..end;
            }
        }
    }

    /// <summary>All frames' sizes, before the first one is encoded.</summary>
    private void RequireFrames(IReadOnlyList<RgbFrame> frames)
    {
        Require(frames.Count > 0, NoFrames, nameof(frames));
        for (var i = 0; i < frames.Count; i++)
            _vision.RequireSize(frames[i]);
    }

    private int[][] Turns(IReadOnlyList<string> questions)
    {
        for (var i = 0; i < questions.Count; i++)
            Require(!string.IsNullOrWhiteSpace(questions[i]), $"Question {i} is empty.", nameof(questions));
        return [.. questions.Select(question => ChatTemplate.Turn(_tokenizer, question))];
    }

    private static void Require(bool holds, string otherwise, string argument)
    {
        if (!holds)
            throw new ArgumentException(otherwise, argument);
    }
}
