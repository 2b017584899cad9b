using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;
using Tpo.Shared.Reporting;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>How suites, protocols and parts are named, and what several runs are together.</summary>
public sealed class SuiteRunTests
{
    [Fact]
    public void A_protocol_is_named_by_a_part_that_no_other_has()
    {
        Assert.Equal(VideoMme.Protocol, VideoMme.Benchmark.Choose(null).Protocol!.Name);
        Assert.Contains("videomme_w_subtitle", VideoMme.Benchmark.Choose("W_SUBTITLE").Protocol!.Name);
        var (none, problem) = VideoMme.Benchmark.Choose("official");
        Assert.Null(none);
        Assert.StartsWith("'official' is in the names of 2 of the protocols of Video-MME", problem);
        Assert.All(KnownBenchmarks.All.SelectMany(benchmark => benchmark.Protocols.Select(protocol => (benchmark, protocol))),
            each => Assert.Equal(each.protocol, each.benchmark.Choose(each.protocol.Name).Protocol));
    }

    /// <summary>A run without a word about protocols must be possible on every benchmark.</summary>
    [Fact]
    public void The_first_protocol_of_every_benchmark_can_be_asked_here() => Assert.All(KnownBenchmarks.All, benchmark => Assert.Null(benchmark.Protocols[0].NotAskedHere));

    [Fact]
    public void Parts_of_the_videos_hold_every_question_once_and_no_pair_is_torn()
    {
        BenchmarkQuestion[] questions = [.. Enumerable.Range(0, 20).Select(i => new BenchmarkQuestion($"q{i}", $"v{i}", "v.mp4", "?", "?", 2, "yes", []) { Unit = $"u{i / 2}" })];
        var parts = Enumerable.Range(1, 3).Select(i => VideoPart.TryParse($"{i}/3")!.Of(questions)).ToList();
        Assert.Equal(questions.Select(q => q.Id).Order(), parts.SelectMany(part => part).Select(q => q.Id).Order());
        Assert.Equal([8, 6, 6], parts.Select(part => part.Count));
        Assert.All(parts, part => Assert.All(part.GroupBy(q => q.Unit), unit => Assert.Equal(2, unit.Count())));
        Assert.All(new[] { "0/3", "4/3", "1", "a/b", "1/3/4", "-1/3", null }, text => Assert.Null(VideoPart.TryParse(text)));
    }

    /// <summary>Halves and fifths are whole in tenths; thirds of one kind with sevenths of another are taken to the hundredth.</summary>
    [Fact]
    public void Marks_between_right_and_wrong_are_permuted_too()
    {
        Observation[] halves = [.. Enumerable.Range(0, 6).Select(i => new Observation($"v{i}", 0.5))];
        Assert.Equal(2 / 64.0, Permutation.P(halves), 12);
        Assert.Equal(Permutation.P([.. halves.Select(each => each with { Value = 1 })]), Permutation.P([.. halves.Select((each, i) => each with { Value = i < 3 ? 1 / 3.0 : 3 / 7.0 })]), 12);
    }

    [Fact]
    public void A_group_decides_when_its_last_suite_has_a_row_and_its_page_names_what_is_missing()
    {
        var one = Run("one", BenchmarkStatus.Succeeded, 0.05);
        var open = BenchmarkGroup.Of("g", [one, Run("other", BenchmarkStatus.Succeeded, 1) with { Group = "another" }], null)!;
        Assert.Equal((BenchmarkStatus.Answering, null), (open.Status, open.Decision));
        Assert.Equal(["two"], open.Missing);
        Assert.Contains("its run has not begun", GroupPage.Render(open));

        var whole = BenchmarkGroup.Of("g", [one, Run("two", BenchmarkStatus.Succeeded, -0.01)], null)!;
        Assert.Equal((BenchmarkStatus.Succeeded, 0.02), (whole.Status, Math.Round(whole.Decision!.Mean.Mean, 12)));
        var page = GroupPage.Render(whole);
        Assert.Contains("../../benchmarks/run-two/report", page);
        Assert.DoesNotContain("http", page);

        var failed = BenchmarkGroup.Of("g", [one, Run("two", BenchmarkStatus.Failed, null) with { Failure = "The disk is <full>." }], null)!;
        Assert.Equal((BenchmarkStatus.Failed, null), (failed.Status, failed.Decision));
        Assert.Contains("The disk is &lt;full&gt;.", GroupPage.Render(failed));
        Assert.Null(BenchmarkGroup.Of("nobody", [one], null));
    }

    private static BenchmarkRun Run(string suite, BenchmarkStatus status, double? difference) => new()
    {
        RunId = $"run-{suite}", Status = status, Suite = suite, Models = ["base", "tuned"], Revisions = ["r0", "r1"], Group = "g", GroupSuites = ["one", "two"], Folder = suite,
        CreatedAt = default, UpdatedAt = default,
        Result = difference is not { } mean ? null : new BenchmarkResult(
            new("base", 0.5, 0.4, 0.6, 50, 100, 0), new("tuned", 0.5 + mean, 0.4, 0.6, 50, 100, 0),
            new Difference(mean, mean - 0.05, mean + 0.05, 0.2) { StandardError = 0.025, Degrees = 30, Questions = 100 }, Gate.Inconclusive, 100, 30, 0)
        { GateMargin = 0.02, Headline = new("accuracy", 0.5, 0.5 + mean) },
    };
}
