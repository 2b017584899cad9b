using static Tpo.Shared.Reporting.ReportText;

namespace Tpo.Shared.Reporting;

/// <summary>The report's lower half: what a reader looks up. Each part is absent where there is nothing to say.</summary>
internal static class ReportTables
{
    public static string Floors(BenchmarkReport report) => $"""
        <h2>Floors</h2>
        <p>Guessing at random is right in {Points(report.Floors.Random)} %, answering {Text(report.Floors.MajorityLetter)} always in {Points(report.Floors.Majority)} %.
        A model whose interval holds these figures has shown nothing.{(report.TextOnly.Count == 0 ? " What the models say without the video was not asked in this run." : "")}</p>
        {Section("Without the video", "figures", report.TextOnly, "<th>model</th><th>questions</th><th>text only [95 %]</th><th>the video adds [95 %]</th>", row =>
            $"<tr><td>{Text(row.ModelId)}{(row.NotAbove ? """ <b class="flag">not above text-only</b>""" : "")}</td>{N($"{row.Questions}")}{N($"{Points(row.Accuracy)} [{Points(row.Low)}, {Points(row.High)}]")}{N(Between(row.VideoAdds))}</tr>")}
        {Grounding(report)}
        """;

    public static string Figures(BenchmarkReport report) => Section(
        "By the protocol", "figures", report.Figures, "<th>figure</th><th>base</th><th>tuned</th>", row =>
            $"<tr><td>{Text(row.Name)}{(row.Why is { } why ? $" <span class=\"dim\">{Text(why)}</span>" : "")}</td>{N(Value(row.Base))}{N(Value(row.Tuned))}</tr>",
        $"""<p class="dim">{Text(report.Protocol)}. Shares in %; these are the figures that papers print, the gate decides by the row above.</p>""");

    private static string Value(double? share) => share is { } value ? Points(value) : "not told";

    public static string Groups(BenchmarkReport report)
    {
        var made = new[] { ReportBuilder.ByLength, ReportBuilder.ByEvidence };
        return Table("By category", report.Groups.Where(row => !made.Contains(row.Kind)), """<p class="dim">Every interval is for itself: among twenty rows about one misses.</p>""")
            + Table("By length of the video", report.Groups.Where(row => row.Kind == ReportBuilder.ByLength))
            + Table("By where the evidence lies", report.Groups.Where(row => row.Kind == ReportBuilder.ByEvidence));

        static string Table(string title, IEnumerable<GroupRow> rows, string before = "") => Section(
            title, "figures", [.. rows], "<th>questions about</th><th>difference [95 %]</th><th>base</th><th>tuned [95 %]</th><th>questions</th><th>videos</th>", row =>
                $"<tr><td>{Text(row.Kind)} <b>{Text(row.Name)}</b></td>{N(Between(row.Difference))}{N(Points(row.Base))}{N($"{Points(row.Tuned)} [{Points(row.TunedLow)}, {Points(row.TunedHigh)}]")}{N($"{row.Questions}")}{N($"{row.Videos}")}</tr>", before);
    }

    public static string Letters(BenchmarkReport report) => Section("Letters and words", "figures", report.Letters, "<th>answer</th><th>right</th><th>said by base</th><th>said by tuned</th>", row =>
        $"<tr><td>{Text(row.Letter)}</td>{N($"{row.Gold}")}{N($"{row.Base}")}{N($"{row.Tuned}")}</tr>");

    public static string Published(BenchmarkReport report) => Section(
        "What others published", "", report.Published, "<th>model</th><th>part</th><th>%</th><th>what differs</th>", row =>
            $"<tr><td>{Text(row.Figure.Model)}</td><td>{Text(row.Figure.Part)}</td>{N(Number(row.Figure.Value, "F1"))}<td class=\"dim\">{Text(row.Difference)} {Text(row.Figure.Source)} ({Text(row.Figure.Trust)}).</td></tr>",
        """<p class="dim">For reading beside the row above, never for comparing with it to the point: frames, prompts and parsers differ as said.</p>""");

    public static string Nights(BenchmarkReport report) => report.Nights.Count < 2 ? "" : $"""
        <h2>Over time</h2>{TrendPicture.Svg(report.Nights)}
        {Section("", "figures", report.Nights, "<th>when</th><th>difference [95 %]</th><th>gate</th><th>accuracy [95 %]</th><th>tuned against base, run</th>", night =>
            $"<tr><td class=\"n\">{night.At.UtcDateTime:yyyy-MM-dd}</td>{N(Between(night.Difference))}{N(Text(night.Gate))}{N($"{Points(night.Score.Accuracy)} [{Points(night.Score.Low)}, {Points(night.Score.High)}]")}<td class=\"n\">{Text(night.Tuned)} against {Text(night.Base)}<br><span class=\"dim\">{Text(night.RunId)}</span></td></tr>").Replace("<h2></h2>", "")}
        """;

    public static string Speed(BenchmarkReport report) => Section(
        "Speed", "figures", report.Speed, "<th>model</th><th>questions/s</th><th>frames/s</th><th>fetch and decode</th><th>vision</th><th>prefill</th><th>tokens</th>", row =>
            $"<tr><td>{Text(row.ModelId)}</td>{N(Number(row.QuestionsPerSecond, "F2"))}{N(Number(row.FramesPerSecond, "F1"))}{N(Share(row.DecodeShare))}{N(Share(row.Shares?.Vision))}{N(Share(row.Shares?.Prefill))}{N(Share(row.Shares?.Tokens))}</tr>",
        """<p class="dim">Shares of the time stored with the answers: fetching the video and decoding its frames; tower and projector; reading the video's and the questions' tokens; writing the answers' tokens.</p>""");

    private static string Share(double? share) => share is { } value ? $"{Points(value)} %" : "not measured";

    public static string Errors(BenchmarkReport report) => report.Errors.Count == 0
        ? "<h2>Errors</h2><p>None: every question was answered by both models.</p>"
        : Section("Errors", "", report.Errors, "<th>question</th><th>video</th><th>model</th><th>reason</th>", row =>
            $"<tr><td>{Text(row.QuestionId)}</td><td>{Text(row.VideoId)}</td><td>{Text(row.ModelId)}</td><td>{Text(row.Reason)}</td></tr>", $"<p>{report.Result.Errors} questions are in no figure above.</p>");

    /// <summary>Folded: on a phone they are most of the page.</summary>
    public static string Answers(BenchmarkReport report) => $"<details><summary>Stored answers to {report.Answers.Count} questions</summary>{AllAnswers(report)}</details>";

    private static string AllAnswers(BenchmarkReport report) => Section("Stored answers", "", report.Answers, "<th>question</th><th>right</th><th>base said</th><th>tuned said</th>", row =>
        $"""<tr><td><b>{Text(row.QuestionId)}</b> <span class="dim">video {Text(row.VideoId)}</span><br>{Text(row.Question)}</td><td>{Text(row.Gold)}</td>{Said(row.Base)}{Said(row.Tuned)}</tr>""",
        $"""<p class="dim">Every figure above is counted from these. A letter leads to its line in <code>answers/MODEL/VIDEO.jsonl</code> of this run's folder in the container <code>reports</code>.</p>""");

    private static string Said(GivenAnswer answer) =>
        $"""<td class="{(answer.Right ? "right" : "wrong")}"><a href="{Text(answer.Blob)}">{Text(answer.Letter ?? ReportBuilder.Unparsed)}</a> {(answer.Right ? "✓" : "✗")}<br><span class="dim">{Text(answer.Raw)}</span></td>""";

    private static string Grounding(BenchmarkReport report) => Section("", "figures", report.Floors.Grounding ?? [], "<th>constant span</th><th>mIoU</th><th>mIoP</th><th>IoP ≥ 0.5</th>", row =>
        $"<tr><td>{Text(row.Answer)}</td>{N(Points(row.MeanIoU))}{N(Points(row.MeanIoP))}{N(Points(row.Grounded))}</tr>").Replace("<h2></h2>", "");

    private static string Between(Benchmarks.Difference d) => $"{Signed(d.Mean)} [{Signed(d.Low)}, {Signed(d.High)}]";
}
