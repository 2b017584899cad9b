using Tpo.Shared.Benchmarks;
using static Tpo.Shared.Reporting.ReportText;

namespace Tpo.Shared.Reporting;

/// <summary>
/// Several suites on one page that needs nothing else: a row a suite, all pooled with equal weight, and the way to each one's report, where its answers lie.
/// </summary>
public static class GroupPage
{
    public static string Render(BenchmarkGroup group)
    {
        var (models, count) = (group.Runs[0].Models, group.Runs.Count + group.Missing.Count);
        var on = count == 1 ? "one suite" : $"{count} suites";
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(models[1])} against {Text(models[0])} on {Text(on)}</title>
            <style>{ReportStyle.Css}</style></head><body>
            <h1>{Text(models[1])} against {Text(models[0])} on {Text(on)}</h1>
            {Verdict(group)}
            {Rows(group)}
            {Headlines(group)}
            {Problems(group)}
            <h2>Lineage</h2><dl><dt>group</dt><dd>{Text(group.Group)}, asked for {group.Runs.Min(run => run.CreatedAt).UtcDateTime:yyyy-MM-dd HH:mm} UTC</dd>
            {string.Concat(models.Zip(group.Runs[0].Revisions, (model, revision) => $"<dt>{Text(model)}</dt><dd>weights sha256 {Text(revision)}</dd>"))}
            {string.Concat(group.Runs.Select(run => $"<dt>{Text(run.Suite)}</dt><dd>{Text(run.Protocol ?? "")}</dd>"))}</dl>
            </body></html>

            """;
    }

    private static string Verdict(BenchmarkGroup group) => group.Decision is not { } decision
        ? $"<p>Nothing is decided: {(group.Status == BenchmarkStatus.Answering ? $"{group.Done} of {group.Total} shards are answered" : "not every run has a row")}.</p>"
        : $"""
            <p class="gate {Text(decision.Gate)}"><b id="gate">{Text(decision.Gate)}</b> The suites' differences pooled with equal weight: {Signed(decision.Mean.Mean)} points,
            95 % interval {Signed(decision.Mean.Low)} to {Signed(decision.Mean.High)}.{(decision.QuestionsToDecide is { } enough ? $" About {enough:N0} questions would decide, were the difference the one seen here." : "")}</p>
            {(group.Gate is { } gate ? $"<p>{Text(gate.Sentence)}</p>" : "<p class=\"dim\">No gate was asked for: `latest` stays where it is.</p>")}
            """;

    private static string Rows(BenchmarkGroup group)
    {
        var verdicts = group.Decision?.Suites.ToDictionary(verdict => verdict.Suite);
        return Section("By suite", "figures", [.. group.Runs.Where(run => run.Result is not null)],
            "<th>suite</th><th>difference [95 %]</th><th>base</th><th>tuned</th><th>items</th><th>videos</th><th>unparsed</th><th>Holm p</th><th>gate</th>", run =>
            {
                var (r, d) = (run.Result!, run.Result!.Difference);
                var verdict = verdicts?.GetValueOrDefault(run.Suite);
                return $"<tr><td><a href=\"../../benchmarks/{Text(run.RunId)}/report\">{Text(run.Suite)}</a></td>{N($"{Signed(d.Mean)} [{Signed(d.Low)}, {Signed(d.High)}]")}{N(Points(r.Base.Accuracy))}{N(Points(r.Tuned.Accuracy))}"
                    + $"{N($"{r.Questions}")}{N($"{r.Videos}")}{N($"{r.Base.Unparsed}, {r.Tuned.Unparsed}")}{N(verdict is null ? "" : Number(verdict.P, "F3"))}{N(Text(verdict?.Gate ?? r.Gate))}</tr>";
            },
            """<p class="dim">Accuracy over items in %, differences in points, base's and tuned's unparsed answers. Holm p is one-sided (worse by chance alone) and adjusted over all suites and their mean. A suite's name leads to its report and its stored answers.</p>""");
    }

    private static string Headlines(BenchmarkGroup group) => Section(
        "By the protocols", "figures", [.. group.Runs.Where(run => run.Result?.Headline is not null)], "<th>suite</th><th>figure</th><th>base</th><th>tuned</th>", run =>
            $"<tr><td>{Text(run.Suite)}</td><td>{Text(run.Result!.Headline!.Name)}</td>{N(Share(run.Result.Headline.Base))}{N(Share(run.Result.Headline.Tuned))}</tr>",
        """<p class="dim">Each benchmark's own headline, as papers print it.</p>""");

    private static string Problems(BenchmarkGroup group) => Section(
        "What is not in the figures", "", [.. group.Runs.SelectMany(Lines), .. group.Missing.Select(suite => (suite, "its run has not begun"))], "<th>suite</th><th>what</th>",
        line => $"<tr><td>{Text(line.Item1)}</td><td>{Text(line.Item2)}</td></tr>");

    private static IEnumerable<(string, string)> Lines(BenchmarkRun run)
    {
        if (run.Failure is { } failure)
            yield return (run.Suite, failure);
        if (run.Result is { Errors: > 0 } torn)
            yield return (run.Suite, $"{torn.Errors} questions that a model did not answer; its report names them with their reasons");
        if (run.Result is { Unjudged: > 0 } open)
            yield return (run.Suite, $"{open.Unjudged} questions whose answers need a judge");
        if (run.Result is { LeftOut: > 0 } left)
            yield return (run.Suite, $"{left.LeftOut} questions that the protocol leaves out");
    }

    private static string Share(double? value) => value is { } share ? Points(share) : "not told";
}
