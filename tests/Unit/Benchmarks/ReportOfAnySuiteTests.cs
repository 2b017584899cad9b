using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;
using Tpo.Shared.Reporting;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>What a report counts where a suite is no plain multiple choice: pairs, judges, moments, answers left out.</summary>
public sealed class ReportOfAnySuiteTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pair_counts_once_and_only_whole_and_videos_that_it_joins_are_one_cluster()
    {
        // Three pairs; the first two share a video, so that there are two clusters: a, b, c together and d, e.
        BenchmarkQuestion[] questions =
        [
            Pair("p1", "a", "yes"), Pair("p1", "b", "no"), Pair("p2", "b", "yes"), Pair("p2", "c", "no"), Pair("p3", "d", "yes"), Pair("p3", "e", "no"),
        ];
        var report = Build(VideoHallucer.Benchmark, questions, (question, _) => question.Gold, (question, _) => "yes");
        Assert.Equal((3, 3, 1.0), (report.Result.Base.Questions, report.Result.Base.Correct, report.Result.Base.Accuracy));
        Assert.Equal((0, 0.0, 5), (report.Result.Tuned.Correct, report.Result.Tuned.Accuracy, report.Result.Videos));
        // Two clusters, both worse: the sign test happens to equal models in 2 of 4 cases. Of five videos it would be 2 of 32.
        Assert.Equal((0.5, 3), (report.Result.Difference.P, report.Result.Difference.Worse));
        Assert.Equal(6, report.Answers.Count);
        Assert.Equal([("no", 3, 3, 0), ("yes", 3, 3, 6)], report.Letters.Select(row => (row.Letter, row.Gold, row.Base, row.Tuned)));
        // Guessing is right on both of a pair in a quarter of the cases; one word always, never.
        Assert.Equal((0.25, 0.0), (report.Floors.Random, report.Floors.Majority));
        Assert.Equal(report.Figures[0], report.Result.Headline);
    }

    [Fact]
    public void A_pair_of_which_one_half_failed_is_in_no_figure()
    {
        BenchmarkQuestion[] questions = [Pair("p1", "a", "yes"), Pair("p1", "b", "no"), Pair("p2", "c", "yes"), Pair("p2", "d", "no")];
        var report = Build(VideoHallucer.Benchmark, questions, (question, _) => question.VideoId == "b" ? null : question.Gold, (question, _) => question.Gold);
        Assert.Equal((1, 1), (report.Result.Questions, report.Result.Errors));
        Assert.Equal(["The video is gone."], report.Errors.Select(error => error.Reason));
    }

    [Fact]
    public void What_only_a_judge_can_tell_is_in_no_figure_until_one_has_spoken()
    {
        BenchmarkQuestion Free(int i) => new($"q{i}", $"v{i}", $"v{i}.mp4", "What happens?", "What happens?", 0, "A ring turns.", [new("split", "entire")]) { Task = "description" };
        BenchmarkQuestion[] questions = [Free(0), Free(1), new("b", "v2", "v2.mp4", "Is it red?", "Is it red?", 2, "Yes.", [new("split", "entire")]) { Task = "binary" }];
        static string? Say(BenchmarkQuestion question, int _) => question.Task == "binary" ? "Yes." : "A ring.";
        var without = Build(EventHallusion.Benchmark, questions, Say, Say);
        Assert.Equal((1, 2), (without.Result.Questions, without.Result.Unjudged));
        Assert.Contains("2 more need a judge", ReportPage.Render(without));

        var words = new Dictionary<string, Judgements>
        {
            ["base"] = new("judge-1", new Dictionary<string, string> { ["q0"] = "no", ["q1"] = "no" }), ["tuned"] = new("judge-1", new Dictionary<string, string> { ["q0"] = "yes", ["q1"] = "no" }),
        };
        var judged = Build(EventHallusion.Benchmark, questions, Say, Say, words);
        Assert.Equal((3, 0, 1 / 3.0, 2 / 3.0, "judge-1"), (judged.Result.Questions, judged.Result.Unjudged, judged.Result.Base.Accuracy, judged.Result.Tuned.Accuracy, judged.Judge));
        Assert.Contains("judged by judge-1", ReportPage.Render(judged));
    }

    [Fact]
    public void An_answer_that_the_protocol_leaves_out_is_counted_as_such()
    {
        var official = VideoMme.Benchmark.Protocols.Single(protocol => protocol.Name.Contains("official") && protocol.Name.Contains("no subtitles"));
        var questions = Enumerable.Range(0, 4).Select(i => new BenchmarkQuestion($"q{i}", $"v{i}", $"v{i}.mp4", "?", "?", 4, "A", [new("duration", "short")])
            { Choices = ["A. a", "B. b", "C. c", "D. d"] }).ToArray();
        var report = Build(VideoMme.Benchmark, questions, (_, _) => "A", (_, i) => i == 0 ? "" : "A", protocol: official);
        Assert.Equal((3, 1, 1.0), (report.Result.Questions, report.Result.LeftOut, report.Result.Tuned.Accuracy));
    }

    [Fact]
    public void Where_moments_are_asked_for_constant_spans_are_the_floor_and_the_evidence_has_its_place()
    {
        BenchmarkQuestion[] Both(int i, double start) =>
        [
            new($"v{i}_0", $"v{i}", $"v{i}.mp4", "?", "?", 5, "A", [new("type", "TN")]),
            new($"v{i}_0#when", $"v{i}", $"v{i}.mp4", "?", "?", 0, "x", []) { Task = NextGqaGrounding.Task, Duration = 10, Moments = [new TimeSpanSeconds(start, start + 2)] },
        ];
        BenchmarkQuestion[] questions = [.. Both(0, 4), .. Both(1, 8)];
        var report = Build(
            NextGqa.Benchmark, questions, (question, _) => question.Task is null ? "(A)" : "0 - 10",
            (question, _) => question.Task is null ? "(A)" : $"{question.Moments![0].Start} - {question.Moments[0].End}");
        Assert.Equal((0.5, 1.0), (report.Result.Base.Accuracy, report.Result.Tuned.Accuracy));
        Assert.Equal([("whole video", 0.0), ("mid-point", 0.5)], report.Floors.Grounding!.Select(floor => (floor.Answer, floor.Grounded)));
        Assert.Equal(("Acc@GQA", 0.0, 1.0), (report.Figures[0].Name, report.Figures[0].Base, report.Figures[0].Tuned));
        Assert.Equal(["third fifth", "last fifth"], report.Groups.Where(row => row.Kind == ReportBuilder.ByEvidence).Select(row => row.Name));
    }

    private static BenchmarkQuestion Pair(string unit, string video, string gold) =>
        new($"{unit}_{(gold == "yes" ? "basic" : "hallucination")}", video, $"{video}.mp4", "?", "?", 2, gold, [new("subset", "temporal")]) { Unit = unit, Task = gold == "yes" ? "basic" : "hallucination" };

    private static BenchmarkReport Build(
        Benchmark benchmark, BenchmarkQuestion[] questions, Func<BenchmarkQuestion, int, string?> own, Func<BenchmarkQuestion, int, string?> other,
        IReadOnlyDictionary<string, Judgements>? words = null, BenchmarkProtocol? protocol = null)
    {
        var plan = new BenchmarkPlan
        {
            RunId = "r", Suite = "s", SuiteSha256 = "ab", Benchmark = benchmark.Slug, Protocol = (protocol ?? benchmark.Protocols[0]).Name, PromptSha256 = "cd", Preprocess = "p",
            Frames = 4, MaxNewTokens = 16, Seed = 7, GateMargin = 0.02, Models = [new("base", "r0", null), new("tuned", "r1", null)], Questions = questions,
        };
        var answers = questions.Index().SelectMany(asked => plan.Models.Zip([own, other]).Select(side =>
        {
            var raw = side.Second(asked.Item, asked.Index);
            return new StoredAnswer
            {
                ModelId = side.First.ModelId, ModelRevision = "r", VideoId = asked.Item.VideoId, QuestionId = asked.Item.Id, Question = "?", Prompt = "?", Gold = asked.Item.Gold,
                Raw = raw, Error = raw is null ? "The video is gone." : null, VideoSeconds = 10, VideoFrames = 100,
            };
        }));
        return ReportBuilder.Build(plan, answers, Noon, judgements: words);
    }
}
