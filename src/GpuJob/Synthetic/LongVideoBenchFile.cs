using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tpo.GpuJob.Synthetic;

/// <summary>One row of `lvb_val.json` with the field names and types that LongVideoBench publishes.</summary>
public sealed record LongVideoBenchRow
{
    [JsonPropertyName("video_id")] public required string VideoId { get; init; }
    [JsonPropertyName("question")] public required string Question { get; init; }
    [JsonPropertyName("question_wo_referring_query")] public required string QuestionWithoutReferringQuery { get; init; }
    [JsonPropertyName("candidates")] public required IReadOnlyList<string> Candidates { get; init; }
    [JsonPropertyName("correct_choice")] public required int CorrectChoice { get; init; }
    [JsonPropertyName("position")] public required IReadOnlyList<int> Position { get; init; }
    [JsonPropertyName("topic_category")] public string TopicCategory { get; init; } = "SY-Synthetic-Shapes";
    [JsonPropertyName("question_category")] public required string QuestionCategory { get; init; }
    [JsonPropertyName("level")] public required string Level { get; init; }
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("video_path")] public required string VideoPath { get; init; }
    [JsonPropertyName("subtitle_path")] public required string SubtitlePath { get; init; }
    [JsonPropertyName("duration_group")] public required int DurationGroup { get; init; }
    [JsonPropertyName("starting_timestamp_for_subtitles")] public double StartingTimestampForSubtitles { get; init; }
    [JsonPropertyName("duration")] public required double Duration { get; init; }
    [JsonPropertyName("view_count")] public int ViewCount { get; init; }
}

/// <summary>The benchmark of the synthetic world: four or five four-option questions a video, written as `lvb_val.json`.</summary>
public static class LongVideoBenchFile
{
    /// <summary>Subtitles are an empty list: everything there is to know is in the pictures.</summary>
    public const string SubtitleFile = "none.json";

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    public static IReadOnlyList<LongVideoBenchRow> Rows(IReadOnlyList<SyntheticVideo> videos, ulong seed)
    {
        var random = new WorldRandom(WorldRandom.Mix(seed ^ 0x7175657374696F6E));
        var letters = Letters(random).GetEnumerator();
        return [.. videos.SelectMany((video, number) => Questions(video, 4 + number % 2, letters, random).Select((choice, n) => Row(video, choice, n)))];
    }

    public static async Task WriteAsync(IReadOnlyList<LongVideoBenchRow> rows, string folder, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(Path.Combine(folder, "subtitles"));
        await File.WriteAllTextAsync(Path.Combine(folder, "subtitles", SubtitleFile), "[]\n", cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "lvb_val.json"), JsonSerializer.Serialize(rows, Layout) + "\n", cancel);
    }

    /// <summary>Questions of different kinds: perception (colour, place) and order (after, before, first, last) by turns.</summary>
    private static IEnumerable<ChoiceQuestion> Questions(SyntheticVideo video, int count, IEnumerator<int> letters, WorldRandom random)
    {
        var shown = video.Scenes.Select(scene => scene.Fact).ToArray();
        var kinds = random.Shuffled(OpenQuestions.About(shown).Where(question => ChoiceQuestions.HasChoices(question.Kind)))
            .GroupBy(question => question.Kind).Select(group => group.First()).OrderBy(_ => random.Unit()).Take(count).ToArray();
        foreach (var open in kinds)
        {
            letters.MoveNext();
            yield return ChoiceQuestions.From(open, shown, letters.Current, random);
        }
    }

    /// <summary>Gold letters in shuffled blocks of four: uniform to within one.</summary>
    private static IEnumerable<int> Letters(WorldRandom random)
    {
        while (true)
            foreach (var letter in random.Shuffled(Enumerable.Range(0, ChoiceQuestions.Options)))
                yield return letter;
    }

    private static LongVideoBenchRow Row(SyntheticVideo video, ChoiceQuestion choice, int n)
    {
        var relation = choice.Kind is QuestionKind.After or QuestionKind.Before or QuestionKind.First or QuestionKind.Last;
        return new LongVideoBenchRow
        {
            VideoId = video.Name, Id = $"{video.Name}_{n}", VideoPath = $"{video.Name}.mp4", SubtitlePath = SubtitleFile,
            Question = choice.Question, QuestionWithoutReferringQuery = choice.Question, Candidates = choice.Candidates, CorrectChoice = choice.Correct,
            Position = [video.Scenes[choice.Subject].MiddleFrame],
            QuestionCategory = choice.Kind switch
            {
                QuestionKind.Colour => "S2A", QuestionKind.Place => "SAA", QuestionKind.First or QuestionKind.Last => "SSS", _ => "O3O",
            },
            Level = relation ? "L2-Relation" : "L1-Perception",
            DurationGroup = video.DurationSeconds switch { <= 15 => 15, <= 60 => 60, <= 600 => 600, _ => 3600 },
            Duration = video.DurationSeconds,
        };
    }
}
