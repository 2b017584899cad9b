using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Shared.Preferences.LanguageModel;

/// <summary>
/// The paper's query writer over any chat model: captions and one question type a call, one question with its reference answer back, or None.
/// Types are drawn by the paper's shares from the seed; a malformed reply makes no query and is counted.
/// </summary>
public sealed partial class ChatQueryWriter(IChatClient client, string modelId) : IQueryWriter
{
    private const int QueriesPerSegment = 2;
    private const int QueriesPerWhole = 2;
    private static readonly PromptFile Prompt = PromptFile.Load("write-query.v1");
    /// <summary>The drawn types give the variety; temperature 0 lets a rerun ask the same.</summary>
    private static readonly ChatOptions Options = new() { Temperature = 0, MaxOutputTokens = 256 };

    public string PromptId => $"{Prompt.Id}@{modelId}";

    public async Task<WrittenQueries> WriteAsync(CaptionedVideo video, int seed, CancellationToken cancellation)
    {
        var work = new Work(video.VideoId, seed);
        foreach (var segment in video.Segments)
            await AskAsync(work, PairKind.Localized, segment.Index, video.Inside(segment), QueriesPerSegment, cancellation);
        await AskAsync(work, PairKind.Comprehensive, null, video.All, QueriesPerWhole, cancellation);
        return new WrittenQueries { VideoId = video.VideoId, PromptId = PromptId, Queries = work.Queries, None = work.None, Cost = work.Cost };
    }

    private async Task AskAsync(Work work, PairKind kind, int? segment, IReadOnlyList<FrameCaption> captions, int count, CancellationToken cancellation)
    {
        var view = segment is { } index ? Views.Segment(index) : Views.Whole;
        var types = QueryTypes.All.Where(type => segment is null || QueryTypes.SuitsSegment(type.Type)).ToList();
        for (var i = 0; i < count; i++)
        {
            var (type, _, task) = Draw(types, $"{work.VideoId}/{view}/{i}/{work.Seed}");
            types.RemoveAll(other => other.Type == type);
            var messages = Prompt.Fill(new Dictionary<string, string> { ["captions"] = string.Join('\n', captions), ["task"] = task });
            var started = Stopwatch.GetTimestamp();
            var response = await client.GetResponseAsync(messages, Options, cancellation);
            work.Cost = work.Cost.Plus(new Cost(
                Stopwatch.GetElapsedTime(started).TotalSeconds, (int)(response.Usage?.InputTokenCount ?? 0), (int)(response.Usage?.OutputTokenCount ?? 0)));

            // Half a reply can look like a whole one.
            if (response.FinishReason is { } end && end != ChatFinishReason.Stop)
                work.None.Add(new NoQuery(kind, segment, end == ChatFinishReason.Length ? "cut-off" : "filtered"));
            else if (Read(response.Text, out var none) is not { } read)
                work.None.Add(new NoQuery(kind, segment, none));
            else if (kind == PairKind.Localized && AbsoluteTime.IsAskedBy(read.Question))
                work.None.Add(new NoQuery(kind, segment, "absolute-time"));
            else if (work.Queries.Any(query => string.Equals(query.Text, read.Question, StringComparison.OrdinalIgnoreCase)))
                work.None.Add(new NoQuery(kind, segment, "asked-before"));
            else
                work.Queries.Add(new Query($"{view}/{i}", kind, segment, read.Question, type, read.Answer));
        }
    }

    /// <summary>One type by its share; the draw is a hash, so the same video, view and seed always ask the same.</summary>
    private static (string Type, double Percent, string Task) Draw(List<(string Type, double Percent, string Task)> types, string key)
    {
        var point = Convert.ToUInt32(PairIds.Hash(key)[..8], 16) / (double)(1L << 32) * types.Sum(type => type.Percent);
        foreach (var type in types)
        {
            if ((point -= type.Percent) < 0)
                return type;
        }
        return types[^1];
    }

    /// <summary>The question and answer of a reply; null with the reason ("none" or "malformed") where there are not exactly these two lines.</summary>
    public static (string Question, string Answer)? Read(string reply, out string none)
    {
        var text = reply.ReplaceLineEndings("\n").Trim();
        none = text.TrimEnd('.').Equals("None", StringComparison.OrdinalIgnoreCase) ? "none" : "malformed";
        var match = ReplyPattern().Match(text);
        return match.Success ? (match.Groups[1].Value.Trim(), match.Groups[2].Value.Trim()) : null;
    }

    [GeneratedRegex(@"^Q: *(\S[^\n]*)\n+A: *(\S[^\n]*)$")]
    private static partial Regex ReplyPattern();

    private sealed class Work(string videoId, int seed)
    {
        public string VideoId => videoId;
        public int Seed => seed;
        public List<Query> Queries { get; } = [];
        public List<NoQuery> None { get; } = [];
        public Cost Cost { get; set; } = Cost.None;
    }
}
