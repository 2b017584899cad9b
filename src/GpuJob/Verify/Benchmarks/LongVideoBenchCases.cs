using System.Text.Json;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class LongVideoBenchCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        // Where the harness draws a letter at random, this build says that there is none.
        ["parse"] = golden => golden.EachAnswer((answer, letter) => GoldenCase.Same(answer, letter.GetString() is "RANDOM_CHOICE" ? null : letter.GetString(), LongVideoBench.Parse(answer))),
        ["aggregate"] = Aggregate,
        ["frame_timestamps"] = golden => Lists(golden, video => LongVideoBenchSubtitles.FrameTimes(Number(video, "duration"), video.GetProperty("max").GetInt32())),
        ["frame_indices"] = golden => Lists(golden, video =>
            [.. LongVideoBenchSubtitles.FrameIndices(Number(video, "duration"), Number(video, "fps"), video.GetProperty("max").GetInt32()).Select(index => (double)index)]),
        ["interleave_int_end"] = Interleaved,
        ["interleave_short"] = Interleaved,
    };

    private static IEnumerable<Finding> Aggregate(GoldenCase golden)
    {
        var questions = golden.Annotations.EnumerateArray().Select(Question).ToList();
        var answers = golden.Predictions.EnumerateArray().ToDictionary(answer => answer.GetProperty("id").GetString()!, answer => answer.GetProperty("response").GetString()!);
        var score = BenchmarkScorer.Score(LongVideoBench.Benchmark, LongVideoBench.Benchmark.Protocols[0], questions, answers);
        yield return GoldenCase.Near("overall", Number(golden.Expected, "overall_acc"), score.Figures[0].Value);
        foreach (var group in golden.Expected.GetProperty("groups").EnumerateObject())
        {
            // The harness enters each question under two groups, so its overall number is twice the questions.
            var (items, accuracy) = group.Name == "Overall" ? (2 * score.Questions, score.Figures[0].Value)
                : score.Categories.Where(category => category.Name == group.Name).Select(category => (category.Items, category.Accuracy)).Single();
            yield return GoldenCase.Same($"{group.Name}, number", group.Value.GetProperty("num").GetInt32(), items);
            yield return GoldenCase.Near(group.Name, Number(group.Value, "acc"), accuracy);
        }
    }

    private static BenchmarkQuestion Question(JsonElement row)
    {
        string[] options = [.. Enumerable.Range(0, 5).Select(i => row.GetProperty($"option{i}").GetString()!)];
        var id = row.GetProperty("id").GetString()!;
        return new BenchmarkQuestion(
            id, id, $"{id}.mp4", "?", LongVideoBench.Prompt("?", options), options.Count(option => option != "N/A"), ((char)('A' + row.GetProperty("correct_choice").GetInt32())).ToString(),
            [new("duration_group", $"{row.GetProperty("duration_group").GetInt32()}"), new("question_category", row.GetProperty("question_category").GetString()!)]);
    }

    private static IEnumerable<Finding> Lists(GoldenCase golden, Func<JsonElement, IReadOnlyList<double>> compute) =>
        golden.Annotations.EnumerateArray().Zip(golden.Expected.EnumerateArray(), (video, expected) =>
            Finding.Identical($"{video}", [.. expected.EnumerateArray().Select(number => number.GetDouble())], compute(video)));

    private static IEnumerable<Finding> Interleaved(GoldenCase golden)
    {
        var video = golden.Annotations;
        yield return GoldenCase.Same("text", golden.Expected.GetString(), LongVideoBenchSubtitles.Interleave(
            [.. video.GetProperty("frame_timestamps").EnumerateArray().Select(time => time.GetDouble())], video.GetProperty("subtitles"),
            Number(video, "starting_timestamp_for_subtitles"), Number(video, "duration")));
    }

    private static double Number(JsonElement json, string field) => json.GetProperty(field).GetDouble();
}
