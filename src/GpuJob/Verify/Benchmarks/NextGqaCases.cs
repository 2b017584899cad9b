using System.Text.Json;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class NextGqaCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["pairwise"] = golden => golden.Predictions.EnumerateArray().Zip(golden.Annotations.EnumerateArray(), golden.Expected.EnumerateArray()).SelectMany(each => new[]
        {
            GoldenCase.Near($"IoU of {each.First}", each.Third.GetProperty("iou").GetDouble(), NextGqaGrounding.IoU(Span(each.First), Span(each.Second))),
            GoldenCase.Near($"IoP of {each.First}", each.Third.GetProperty("iop").GetDouble(), NextGqaGrounding.IoP(Span(each.First), Span(each.Second))),
        }),
        ["basic"] = golden => Compare("", golden.Expected, Predicted(golden, (span, _) => span)),
        ["multi_segment_and_points"] = golden => Compare("", golden.Expected, Predicted(golden, (span, _) => span)),
        ["normalised_spans"] = golden => Compare("", golden.Expected, Predicted(golden, NextGqaGrounding.Scaled)),
        ["sanity_on_the_real_test_file"] = OnTheRealFile,
    };

    private static IReadOnlyList<ScoreFigure> Predicted(GoldenCase golden, Func<TimeSpanSeconds, double, TimeSpanSeconds> seconds)
    {
        var videos = NextGqaSpans.Load(golden.Annotations.GetRawText()).Videos;
        var right = golden.Predictions.GetProperty("qa");
        return NextGqaGrounding.Score([.. golden.Predictions.GetProperty("ground").EnumerateObject().Select(prediction =>
        {
            var key = prediction.Name.Split('_');
            var (video, qa) = (videos[key[0]], right.GetProperty(prediction.Name));
            return (seconds(Span(prediction.Value), video.Duration), video.Spans[key[1]], qa.GetProperty("answer").GetInt32() == qa.GetProperty("prediction").GetInt32());
        })]);
    }

    /// <summary>Predictors that know nothing, on the published file: it lies where annotation files lie beside the cases.</summary>
    private static IEnumerable<Finding> OnTheRealFile(GoldenCase golden)
    {
        var file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(golden.Path))!, "..", "..", "benchmarks", "NExT-GQA", NextGqaSpans.FileName));
        if (!File.Exists(file))
            return [Finding.Failed("file", $"needs the published {NextGqaSpans.FileName} at '{file}'")];
        var videos = NextGqaSpans.Load(File.ReadAllText(file), file).Videos.Values.ToList();
        IReadOnlyList<ScoreFigure> Score(Func<double, TimeSpanSeconds> predict) =>
            NextGqaGrounding.Score([.. videos.SelectMany(video => video.Spans.Values.Select(spans => (predict(video.Duration), spans, true)))]);
        return
        [
            GoldenCase.Same("questions", golden.Expected.GetProperty("n_questions").GetInt32(), videos.Sum(video => video.Spans.Count)),
            .. Compare("whole", golden.Expected.GetProperty("whole"), Score(duration => new TimeSpanSeconds(0, duration))),
            .. Compare("middle third", golden.Expected.GetProperty("middle_third"), Score(duration => new TimeSpanSeconds(duration / 3, 2 * duration / 3))),
            .. Compare("midpoint", golden.Expected.GetProperty("midpoint"), Score(duration => new TimeSpanSeconds(duration / 2, duration / 2))),
        ];
    }

    private static IEnumerable<Finding> Compare(string what, JsonElement expected, IReadOnlyList<ScoreFigure> figures) =>
        expected.EnumerateObject().Select(figure => GoldenCase.Printed(
            $"{what} {figure.Name}", figure.Value.GetDouble(), 100 * GoldenCase.Figure(figures, figure.Name == "acc_gqa" ? "Acc@GQA" : figure.Name)));

    private static TimeSpanSeconds Span(JsonElement pair) => new(pair[0].GetDouble(), pair[1].GetDouble());
}
