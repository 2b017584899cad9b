using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
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
        Assert.Equal(("pass", 12, 6, 0), (report.Result.Gate, report.Result.Questions, report.Result.Videos, report.Result.Errors));
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
        Assert.Equal(Json(ReportBuilder.Build(Plan, Answers, Noon)), Json(ReportBuilder.Build(Plan, reversed.Select(a => a with { Seconds = 9 }), Noon)));

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

    private static StoredAnswer Answer(BenchmarkQuestion question, string model, string raw) => new()
    {
        ModelId = model, ModelRevision = "r", VideoId = question.VideoId, QuestionId = question.Id, Question = question.Question, Prompt = question.Prompt,
        Gold = question.Gold, Raw = raw,
    };
}
