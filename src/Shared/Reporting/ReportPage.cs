using System.Globalization;
using System.Net;
using Tpo.Shared.Benchmarks;

namespace Tpo.Shared.Reporting;

/// <summary>
/// `report.html`: one file that needs nothing else. Figures carry their unrounded value in `data-value`, so that a reader can trace them; everything
/// that came out of a file or a model is encoded.
/// </summary>
public static class ReportPage
{
    public static string Render(BenchmarkReport report) => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Text(report.Suite)}: {Text(report.Models[1].ModelId)} against {Text(report.Models[0].ModelId)}</title>
        <style>{ReportStyle.Css}</style></head><body>
        <p class="training">{string.Join("<br>", report.Models.Select(Training))}</p>
        <h1>{Text(report.Models[1].ModelId)} against {Text(report.Models[0].ModelId)} on {Text(report.Suite)}</h1>
        {Summary(report)}
        {Row(report)}
        {DifferencePicture.Svg(report.Result.Difference, report.GateMargin)}
        {Floors(report)}
        {Groups(report)}
        {Letters(report)}
        {Errors(report)}
        {Answers(report)}
        {Lineage(report)}
        </body></html>

        """;

    private static string Training(PlannedModel model) => model.Note is null
        ? $"<b>{Text(model.ModelId)}</b>: its card does not say how it was trained."
        : $"<b>{Text(model.ModelId)}</b>: {Text(model.Note)}";

    private static string Summary(BenchmarkReport report)
    {
        var d = report.Result.Difference;
        var verdict = report.Result.Gate switch
        {
            "regressed" => "The candidate is worse: the whole interval lies below zero.",
            "pass" => $"The candidate is not worse by more than {Points(report.GateMargin)} points: the interval's lower end lies above that margin.",
            _ => $"These questions cannot tell: the interval reaches from beyond the margin of -{Points(report.GateMargin)} points up to zero or more.",
        };
        return $"""<p class="gate {Text(report.Result.Gate)}"><b id="gate">{Text(report.Result.Gate)}</b> {verdict} Difference {Signed(d.Mean)} points, 95 % interval {Signed(d.Low)} to {Signed(d.High)}.</p>""";
    }

    private static string Row(BenchmarkReport report)
    {
        var (r, d) = (report.Result, report.Result.Difference);
        return $"""
            <div class="wide"><table id="row" class="figures"><thead><tr><th>model</th><th>accuracy</th><th>95 % interval</th><th>right</th><th>unparsed</th></tr></thead><tbody>
            {Model("base", r.Base)}{Model("tuned", r.Tuned)}
            <tr><td>difference</td>{Figure("difference", d.Mean, Signed(d.Mean))}<td class="n">{Signed(d.Low)} to {Signed(d.High)}</td><td class="n" colspan="2">p = {Number(d.P, "F3")}</td></tr>
            </tbody></table></div>
            <p class="dim">{r.Questions} questions on {r.Videos} videos. Accuracy in %, differences in points; intervals treat the video as the unit
            (bootstrap, {Statistics.Resamples} resamples); p is two-sided, whole videos swapped. Unparsed answers count as wrong.</p>
            """;

        static string Model(string id, ModelScore score) =>
            $"""<tr><td>{Text(score.ModelId)}</td>{Figure(id, score.Accuracy, Points(score.Accuracy))}<td class="n">{Points(score.Low)} to {Points(score.High)}</td><td class="n">{score.Correct} of {score.Questions}</td><td class="n">{score.Unparsed}</td></tr>""";
    }

    private static string Floors(BenchmarkReport report) => $"""
        <h2>Floors</h2>
        <p>Guessing at random is right in {Points(report.Floors.Random)} %, answering {Text(report.Floors.MajorityLetter)} always in {Points(report.Floors.Majority)} %.
        A model whose interval holds these figures has shown nothing.</p>
        """;

    private static string Groups(BenchmarkReport report) => Section("By category", "figures", report.Groups, "<th>category</th><th>questions</th><th>videos</th><th>base</th><th>tuned</th><th>difference [95 %]</th>", row =>
        $"""<tr><td>{Text(row.Kind)} <b>{Text(row.Name)}</b></td><td class="n">{row.Questions}</td><td class="n">{row.Videos}</td><td class="n">{Points(row.Base)}</td><td class="n">{Points(row.Tuned)}</td><td class="n">{Signed(row.Difference.Mean)} [{Signed(row.Difference.Low)}, {Signed(row.Difference.High)}]</td></tr>""");

    private static string Letters(BenchmarkReport report) => Section("Letters", "figures", report.Letters, "<th>letter</th><th>right</th><th>said by base</th><th>said by tuned</th>", row =>
        $"""<tr><td>{Text(row.Letter)}</td><td class="n">{row.Gold}</td><td class="n">{row.Base}</td><td class="n">{row.Tuned}</td></tr>""");

    private static string Errors(BenchmarkReport report) => report.Errors.Count == 0
        ? "<h2>Errors</h2><p>None: every question was answered by both models.</p>"
        : $"<p>{report.Result.Errors} questions are in no figure above.</p>" + Section("Errors", "", report.Errors, "<th>question</th><th>video</th><th>model</th><th>reason</th>", row =>
            $"<tr><td>{Text(row.QuestionId)}</td><td>{Text(row.VideoId)}</td><td>{Text(row.ModelId)}</td><td>{Text(row.Reason)}</td></tr>");

    private static string Answers(BenchmarkReport report) => Section("Stored answers", "", report.Answers, "<th>question</th><th>right</th><th>base said</th><th>tuned said</th>", row =>
        $"""<tr><td><b>{Text(row.QuestionId)}</b> <span class="dim">video {Text(row.VideoId)}</span><br>{Text(row.Question)}</td><td>{Text(row.Gold)}</td>{Said(row.Base)}{Said(row.Tuned)}</tr>""");

    private static string Said(GivenAnswer answer) =>
        $"""<td class="{(answer.Right ? "right" : "wrong")}"><a href="{Text(answer.Blob)}">{Text(answer.Letter ?? ReportBuilder.Unparsed)}</a> {(answer.Right ? "✓" : "✗")}<br><span class="dim">{Text(answer.Raw)}</span></td>""";

    private static string Lineage(BenchmarkReport report) => $"""
        <h2>Lineage</h2>
        <dl><dt>run</dt><dd>{Text(report.RunId)}, asked for {report.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC</dd><dt>protocol</dt><dd>{Text(report.Protocol)}</dd>
        <dt>frames</dt><dd>{report.Frames} a video, uniform ({Text(report.Preprocess)})</dd><dt>annotations</dt><dd>sha256 {Text(report.SuiteSha256)}</dd><dt>prompts</dt><dd>sha256 {Text(report.PromptSha256)}</dd>
        {string.Join("", report.Models.Select(model => $"<dt>{Text(model.ModelId)}</dt><dd>weights sha256 {Text(model.Revision)}</dd>"))}<dt>seed</dt><dd>{report.Seed}</dd></dl>
        """;

    private static string Section<T>(string title, string look, IReadOnlyList<T> rows, string head, Func<T, string> row) =>
        $"<h2>{title}</h2><div class=\"wide\"><table class=\"{look}\"><thead><tr>{head}</tr></thead><tbody>{string.Concat(rows.Select(row))}</tbody></table></div>";

    private static string Figure(string id, double value, string shown) =>
        $"""<td class="n" id="{id}" data-value="{value.ToString("R", CultureInfo.InvariantCulture)}">{shown}</td>""";

    private static string Points(double share) => Number(100 * share, "F1");

    private static string Signed(double share) => (share > 0 ? "+" : "") + Points(share);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
