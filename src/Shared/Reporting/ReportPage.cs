using Tpo.Shared.Benchmarks;
using static Tpo.Shared.Reporting.ReportText;

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
        {Sureness(report)}
        {ReportTables.Figures(report)}
        {ReportTables.Floors(report)}
        {ReportTables.Nights(report)}
        {ReportTables.Groups(report)}
        {ReportTables.Letters(report)}
        {ReportTables.Published(report)}
        {ReportTables.Speed(report)}
        {ReportTables.Errors(report)}
        {ReportTables.Answers(report)}
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
            _ => $"These questions cannot tell: the interval reaches from beyond the margin of -{Points(report.GateMargin)} points up to zero or more. About {report.Result.QuestionsToDecide:N0} questions would decide, were the difference the one seen here.",
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
            <p class="dim">{r.Questions} questions on {r.Videos} videos{Outside(r)}. Accuracy in %, differences in points; intervals treat the video as the unit
            (Wilson's with the effective number of questions; Student's t over videos); p is two-sided and exact, whole videos swapped. Unparsed answers count as wrong.</p>
            """;

        static string Model(string id, ModelScore score) =>
            $"<tr><td>{Text(score.ModelId)}</td>{Figure(id, score.Accuracy, Points(score.Accuracy))}{N($"{Points(score.Low)} to {Points(score.High)}")}{N($"{score.Correct} of {score.Questions}")}{N($"{score.Unparsed}")}</tr>";
    }

    /// <summary>What is in no figure, beside the errors.</summary>
    private static string Outside(BenchmarkResult r) =>
        (r.Unjudged > 0 ? $"; {r.Unjudged} more need a judge, and are in no figure of this row" : "") + (r.LeftOut > 0 ? $"; {r.LeftOut} more are left out by the protocol" : "");

    /// <summary>What such a run can see at all.</summary>
    private static string Sureness(BenchmarkReport report)
    {
        var d = report.Result.Difference;
        return $"""
            <p>The models differ on {d.Better + d.Worse} questions ({Points(d.Discordance)} %): the tuned one alone is right on {d.Better}, the base alone on {d.Worse}.
            A true difference of {Points(d.MinimumDetectable)} points would be seen in 80 of 100 such runs; a smaller one mostly not.</p>
            """;
    }

    private static string Lineage(BenchmarkReport report) => $"""
        <h2>Lineage</h2>
        <dl><dt>run</dt><dd>{Text(report.RunId)}, asked for {report.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC</dd><dt>protocol</dt><dd>{Text(report.Protocol)}{(report.Judge is { } judge ? $"; judged by {Text(judge)}" : "")}</dd>
        <dt>frames</dt><dd>{report.Frames} a video, uniform ({Text(report.Preprocess)}); {string.Join(", ", report.Asked.Select(Tokens))}</dd>
        <dt>cut</dt><dd>{string.Join(", ", report.Asked.Select(row => $"{row.Truncated} answers of {Text(row.ModelId)}"))} at their greatest length; no prompt: one that does not fit is an error</dd><dt>annotations</dt><dd>sha256 {Text(report.SuiteSha256)}</dd><dt>prompts</dt><dd>sha256 {Text(report.PromptSha256)}</dd>
        {string.Join("", report.Models.Select(model => $"<dt>{Text(model.ModelId)}</dt><dd>weights sha256 {Text(model.Revision)}</dd>"))}<dt>seed</dt><dd>{report.Seed}</dd>
        <dt>for programs</dt><dd><a href="report.json">report.json</a> holds the same numbers; in lmms-eval's shape: {string.Join("; ", report.Models.Select(model => LmmsFiles(report, model)))}</dd></dl>
        """;

    private static string Tokens(AskedRow row) => row.TokensPerFrame is { } tokens ? $"{tokens} tokens a frame for {Text(row.ModelId)}" : $"tokens a frame of {Text(row.ModelId)} not known";

    private static string LmmsFiles(BenchmarkReport report, PlannedModel model) => string.Join(", ", new[] { "results.json", $"samples_{LmmsEval.Task(report)}.jsonl" }
        .Select(file => $"""<a href="{Text(ReportBlobs.LmmsFile(".", model.ModelId, file)[2..])}">{Text(model.ModelId)} {Text(file)}</a>"""));
}
