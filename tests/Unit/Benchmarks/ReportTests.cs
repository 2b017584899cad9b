using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Reporting;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class ReportTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly BenchmarkPlan Plan = new()
    {
        RunId = "bench-1",
        Suite = "demo",
        SuiteSha256 = "ab",
        Protocol = LongVideoBench.Protocol,
        PromptSha256 = "cd",
        Preprocess = "ffmpeg-bicubic-v1",
        Frames = 16,
        MaxNewTokens = 32,
        Seed = 7,
        GateMargin = 0.02,
        Models = [new("nano", "r0", "Trained for <5 minutes> only."), new("tuned", "r1", null)],
        // Six videos of two questions: gold A for the first, B for the second.
        Questions = [.. Enumerable.Range(0, 12).Select(i => new BenchmarkQuestion(
            $"q{i}", $"v{i / 2}", $"v{i / 2}.mp4", $"Question {i} <b>?", $"prompt {i}", 4, i % 2 == 0 ? "A" : "B",
            [new("question_category", i % 2 == 0 ? "S2E" : "SSS"), new("duration_group", i < 6 ? "600" : "15")]))],
    };

    /// <summary>Base says A always; tuned is right, but says nothing with a letter for q1.</summary>
    private static List<StoredAnswer> Answers => [.. Plan.Questions.SelectMany(question => new[]
    {
        Answer(question, "nano", "A"), Answer(question, "tuned", question.Id == "q1" ? "no idea <script>alert(1)</script>" : question.Gold),
    })];

    [Fact]
    public void The_row_is_counted_from_stored_answers()
    {
        var report = ReportBuilder.Build(Plan, Answers, Noon);
        Assert.Equal((6, 12, 0.5, 0), (report.Result.Base.Correct, report.Result.Base.Questions, report.Result.Base.Accuracy, report.Result.Base.Unparsed));
        Assert.Equal((11, 11 / 12.0, 1), (report.Result.Tuned.Correct, report.Result.Tuned.Accuracy, report.Result.Tuned.Unparsed));
        Assert.Equal(5 / 12.0, report.Result.Difference.Mean, 12);
        Assert.Equal((12, 6, 0), (report.Result.Questions, report.Result.Videos, report.Result.Errors));
        // Five videos better and none worse: by the sign test that happens to equal models in 2 of 32 cases, so six videos cannot tell.
        Assert.Equal((2 / 32.0, "inconclusive", 18), (report.Result.Difference.P, report.Result.Gate, report.Result.QuestionsToDecide));
        Assert.Equal((5, 0, 5 / 12.0), (report.Result.Difference.Better, report.Result.Difference.Worse, report.Result.Difference.Discordance));
        Assert.Equal(new Floors(0.25, "A", 0.5), report.Floors);
        Assert.Equal([new("A", 6, 12, 6), new("B", 6, 0, 5), new(ReportBuilder.Unparsed, 0, 0, 1)], report.Letters);
        Assert.Equal(["15", "600", "S2E", "SSS"], report.Groups.Select(group => group.Name));
        var category = report.Groups.Single(group => group.Name == "SSS");
        Assert.Equal((6, 6, 0.0, 5 / 6.0), (category.Questions, category.Videos, category.Base, category.Tuned));
    }

    [Fact]
    public void A_question_that_failed_is_an_error_with_its_reason_and_in_no_figure()
    {
        var answers = Answers;
        answers[0] = answers[0] with { Raw = null, Error = "The video is cut off." };
        answers.RemoveAt(3);
        var report = ReportBuilder.Build(Plan, answers, Noon);
        Assert.Equal((10, 2), (report.Result.Questions, report.Result.Errors));
        Assert.Equal([new("q0", "v0", "nano", "The video is cut off."), new("q1", "v0", "tuned", "There is no stored answer.")], report.Errors);
        Assert.Equal((5, 10, 10), (report.Result.Base.Correct, report.Result.Tuned.Correct, report.Answers.Count));
    }

    [Fact]
    public void Where_nothing_was_answered_there_is_no_zero_but_an_error()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => ReportBuilder.Build(Plan, Answers.Select(answer => answer with { Raw = null, Error = "The video does not exist." }), Noon));
        Assert.Contains("The video does not exist.", error.Message);
    }

    [Fact]
    public void The_same_answers_in_any_order_give_the_same_report()
    {
        var reversed = Answers;
        reversed.Reverse();
        Assert.Equal(Json(ReportBuilder.Build(Plan, Answers, Noon)), Json(ReportBuilder.Build(Plan, reversed, Noon)));

        static string Json(BenchmarkReport report) => JsonSerializer.Serialize(report, TpoJson.Options);
    }

    [Fact]
    public void The_page_begins_with_how_little_the_models_are_trained_and_shows_the_row()
    {
        var report = ReportBuilder.Build(Plan, Answers, Noon);
        var page = ReportPage.Render(report);
        var body = page[(page.IndexOf("<body>", StringComparison.Ordinal) + 6)..].TrimStart();
        Assert.StartsWith("<p class=\"training\"><b>nano</b>: Trained for &lt;5 minutes&gt; only.<br><b>tuned</b>: its card does not say how it was trained.</p>", body);
        Assert.Contains("data-value=\"0.5\">50.0<", page);
        Assert.Contains(">91.7<", page);
        Assert.Contains(">+41.7<", page);
        Assert.Contains("href=\"answers/tuned/v0.jsonl\"", page);
    }

    [Fact]
    public void The_page_needs_nothing_else_and_runs_nothing_that_a_model_said()
    {
        var page = ReportPage.Render(ReportBuilder.Build(Plan, Answers, Noon));
        Assert.DoesNotContain("<script", page);
        Assert.Contains("no idea &lt;script&gt;", page);
        Assert.DoesNotContain("src=", page);
        Assert.DoesNotContain("http", page);
        Assert.DoesNotContain("<link", page);
    }

    [Fact]
    public void Without_the_video_a_model_has_a_floor_and_one_that_is_not_above_it_is_flagged()
    {
        // Blind, both say A always: half of it is right. The base says A with the video too; the tuned model gains.
        var blind = Plan.Questions.SelectMany(question => new[] { Answer(question, "nano", "A"), Answer(question, "tuned", "A") }).Select(answer => answer with { WithoutVideo = true });
        var report = ReportBuilder.Build(Plan with { TextOnly = true }, [.. Answers, .. blind], Noon);
        Assert.Equal([("nano", 12, 0.5, true), ("tuned", 12, 0.5, false)], report.TextOnly.Select(row => (row.ModelId, row.Questions, row.Accuracy, row.NotAbove)));
        Assert.Equal([0, 5 / 12.0], report.TextOnly.Select(row => row.VideoAdds.Mean));
        var page = ReportPage.Render(report);
        Assert.Contains("nano <b class=\"flag\">not above text-only</b>", page);
        Assert.DoesNotContain("tuned <b class=\"flag\">", page);
        Assert.Empty(ReportBuilder.Build(Plan, Answers, Noon).TextOnly);
        Assert.Contains("was not asked in this run", ReportPage.Render(ReportBuilder.Build(Plan, Answers, Noon)));
    }

    [Fact]
    public void Length_and_evidence_are_counted_in_order_where_the_answers_say_them()
    {
        var plan = Plan with { EvidenceFrames = new Dictionary<string, double> { ["q0"] = 5, ["q1"] = 95 } };
        var answers = Answers.Select(a => a with { VideoSeconds = a.VideoId is "v0" or "v1" ? 4000 : a.VideoId == "v5" ? null : 90, VideoFrames = 100 });
        var groups = ReportBuilder.Build(plan, answers, Noon).Groups;
        Assert.Equal([("1 to 3 min", 6, 3), ("1 h and more", 4, 2)], groups.Where(g => g.Kind == ReportBuilder.ByLength).Select(g => (g.Name, g.Questions, g.Videos)));
        Assert.Equal(["first fifth", "last fifth"], groups.Where(g => g.Kind == ReportBuilder.ByEvidence).Select(g => g.Name));
    }

    [Fact]
    public void The_page_says_how_many_tokens_a_frame_became_and_which_answers_were_cut()
    {
        var report = ReportBuilder.Build(Plan, Answers.Select((a, i) => a with { TokensPerFrame = a.ModelId == "nano" ? 210 : null, Truncated = i == 1 ? true : null }), Noon);
        Assert.Equal([new("nano", 210, 0), new("tuned", null, 1)], report.Asked);
        var page = ReportPage.Render(report);
        Assert.Contains("210 tokens a frame for nano, tokens a frame of tuned not known", page);
        Assert.Contains("0 answers of nano, 1 answers of tuned at their greatest length", page);
    }

    [Fact]
    public void Speed_is_the_stored_times()
    {
        // One video of two questions a model: 8 frames, 3 s to decode, 1 s and 4 s to answer.
        var lines = Answers.Where(a => a.VideoId == "v0").Select((a, i) => a with { FrameIndices = [.. Enumerable.Range(0, 8)], DecodeSeconds = i < 2 ? 3 : null, Seconds = i < 2 ? 1 : 4 });
        var row = ReportBuilder.Build(Plan, lines, Noon).Speed[0];
        Assert.Equal(("nano", 2, 8, 0.25, 1.0, 3 / 8.0), (row.ModelId, row.Questions, row.Frames, row.QuestionsPerSecond, row.FramesPerSecond, row.DecodeShare));
        Assert.Null(row.Shares);
        var parts = ReportBuilder.Build(Plan, lines.Select(a => a with { Times = a.QuestionId == "q0" ? new(2, 1, 0.5) : null }), Noon).Speed[0];
        Assert.Equal((2 / 8.0, 1 / 8.0, 0.5 / 8), parts.Shares);
    }

    [Fact]
    public void Earlier_whole_runs_of_the_same_questions_are_the_trend()
    {
        BenchmarkRun Earlier(string id, int days) => new()
        {
            RunId = id, Status = BenchmarkStatus.Succeeded, Suite = "demo", SuiteSha256 = "ab", Models = ["nano", "older"], Folder = id, CreatedAt = Noon.AddDays(-days), UpdatedAt = Noon,
            Result = ReportBuilder.Build(Plan, Answers, Noon).Result,
        };
        var report = ReportBuilder.Build(Plan, Answers, Noon,
            [Earlier("second", 1), Earlier("first", 2), Earlier("part", 3) with { Limit = 5 }, Earlier("other", 3) with { SuiteSha256 = "xx" }, Earlier("later", -1), Earlier("open", 3) with { Result = null }]);
        Assert.Equal(["first", "second", "bench-1"], report.Nights.Select(night => night.RunId));
        Assert.Equal(3, ReportPage.Render(report).Split("<g class=\"night ").Length - 1);
        Assert.DoesNotContain("Over time", ReportPage.Render(ReportBuilder.Build(Plan, Answers, Noon)));
    }

    [Fact]
    public void A_checkpoint_of_a_published_shape_stands_beside_the_published_figures_and_the_page_says_what_differs()
    {
        var plan = Plan with { Models = [new("llava", "r0", null, ModelFamily.LlavaVideo), new("llava-tpo", "r1", null, ModelFamily.LlavaVideo)] };
        var answers = plan.Questions.SelectMany(q => new[] { Answer(q, "llava", "A"), Answer(q, "llava-tpo", q.Gold) }).ToList();
        var report = ReportBuilder.Build(plan, answers, Noon);
        Assert.Equal([("LLaVA-Video-7B", 58.2), ("LLaVA-Video-TPO", 60.1), ("LLaVA-Video-7B", 60.1)], report.Published.Select(row => (row.Figure.Model, row.Figure.Value)));
        Assert.StartsWith("128 frames a video there, 16 here. There: lmms-eval of January 2025", report.Published[1].Difference);
        Assert.Contains("What others published", ReportPage.Render(report));
        Assert.Empty(ReportBuilder.Build(Plan, Answers, Noon).Published);
    }

    private static StoredAnswer Answer(BenchmarkQuestion question, string model, string raw) => new()
    {
        ModelId = model, ModelRevision = "r", VideoId = question.VideoId, QuestionId = question.Id, Question = question.Question, Prompt = question.Prompt,
        Gold = question.Gold, Raw = raw,
    };
}
