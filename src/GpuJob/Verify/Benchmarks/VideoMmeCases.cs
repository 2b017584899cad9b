using System.Text.Json;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class VideoMmeCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["extract"] = golden => golden.Expected.EnumerateObject().SelectMany(answer => new[]
        {
            GoldenCase.Same(answer.Name, answer.Value.GetProperty("official").GetString(), VideoMme.OfficialParse(answer.Name) ?? ""),
            GoldenCase.Same(answer.Name, answer.Value.GetProperty("lmms_classic").GetString(), VideoMme.Parse(answer.Name) ?? ""),
            GoldenCase.Same(answer.Name, answer.Value.GetProperty("lmms_current").GetString(), SharedExtractor.Extract(answer.Name, 4) ?? ""),
        }),
        ["aggregate"] = Aggregate,
        ["prompt_wo_llava_vid"] = golden =>
        [
            GoldenCase.Same("prompt", golden.Expected.GetString(), VideoMme.Prompt(
                golden.Annotations.GetProperty("question").GetString()!, GoldenCase.Texts(golden.Annotations.GetProperty("options")), "The best answer is:")),
        ],
        ["prompt_w_subtitles"] = Subtitled,
        ["subtitle_order_quirk"] = Orders,
    };

    private static IEnumerable<Finding> Aggregate(GoldenCase golden)
    {
        var questions = golden.Annotations.EnumerateArray().Select(row => new BenchmarkQuestion(
            Text(row, "question_id"), Text(row, "videoID"), "", "", "", 4, Text(row, "answer"),
            [new("duration", Text(row, "duration")), new("domain", Text(row, "domain")), new("task_type", Text(row, "task_type"))])).ToList();
        var answers = golden.Predictions.EnumerateArray().ToDictionary(answer => Text(answer, "question_id"), answer => Text(answer, "response"));
        var (current, official) = (Score("shared extractor"), Score("official"));
        var expected = golden.Expected.GetProperty("lmms_current");
        yield return GoldenCase.Near("lmms-eval", expected.GetProperty("overall").GetDouble(), 100 * current.Figures[0].Value);
        var lines = new[] { "short", "medium", "long" }.Select(name => $"Evaluation on video Type: {name}:  {100 * GoldenCase.Figure(current.Figures, $"accuracy, {name}"):F1}%");
        yield return Finding.Identical("log", GoldenCase.Texts(expected.GetProperty("log")), [.. lines, $"Overall Performance:  {100 * current.Figures[0].Value:F1}%"]);
        foreach (var figure in golden.Expected.GetProperty("official").EnumerateObject())
            yield return GoldenCase.Printed($"official, {figure.Name}", figure.Value.GetDouble(),
                100 * GoldenCase.Figure(official.Figures, figure.Name == "overall" ? "accuracy" : $"accuracy, {figure.Name}"));

        BenchmarkScore Score(string protocol) => BenchmarkScorer.Score(
            VideoMme.Benchmark, VideoMme.Benchmark.Protocols.First(known => known.Name.Contains(protocol, StringComparison.Ordinal)), questions, answers);
    }

    private static IEnumerable<Finding> Subtitled(GoldenCase golden)
    {
        var (given, doc) = (golden.Annotations, golden.Annotations.GetProperty("doc"));
        var shown = VideoMmeSubtitles.Shown(
            Text(given, "srt_text"), given.GetProperty("fps").GetDouble(), given.GetProperty("total_frames").GetInt32(), given.GetProperty("frame_num").GetInt32());
        yield return GoldenCase.Same("prompt", golden.Expected.GetString(), VideoMme.SubtitledPrompt(
            Text(doc, "question"), GoldenCase.Texts(doc.GetProperty("options")), string.Join('\n', shown)));
    }

    private static IEnumerable<Finding> Orders(GoldenCase golden)
    {
        var given = golden.Annotations;
        var srt = string.Join('\n', Enumerable.Range(0, given.GetProperty("n_subtitles").GetInt32()).Select(k =>
            $"{k + 1}\n{Time(20 * k)} --> {Time(20 * k + 20)}\n<font color=\"white\" size=\".72c\">s{k}</font>\n"));
        var (rate, total, frames) = (given.GetProperty("fps").GetDouble(), given.GetProperty("total_frames").GetInt32(), given.GetProperty("frame_num").GetInt32());
        yield return Finding.Identical("time_sorted", GoldenCase.Texts(golden.Expected.GetProperty("time_sorted")), VideoMmeSubtitles.Shown(srt, rate, total, frames));
        yield return Finding.Identical("lmms_eval_order", GoldenCase.Texts(golden.Expected.GetProperty("lmms_eval_order")), VideoMmeSubtitles.ShownAsInHarness(srt, rate, total, frames));
    }

    private static string Time(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds).ToString(@"hh\:mm\:ss\,fff");

    private static string Text(JsonElement json, string field) => json.GetProperty(field).GetString()!;
}
