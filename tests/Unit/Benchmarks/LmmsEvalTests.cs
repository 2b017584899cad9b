using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Reporting;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>Scripts written for lmms-eval find what they look up there.</summary>
public sealed class LmmsEvalTests
{
    [Fact]
    public void Results_have_the_harness_keys_and_its_name_of_the_task_and_metric()
    {
        var (report, _) = Run(LongVideoBench.Protocol);
        var results = LmmsEval.Results(report, 1);
        foreach (var key in new[] { "results", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "config", "git_hash", "date" })
            Assert.True(results.ContainsKey(key), key);
        var row = results["results"]!["longvideobench_val_v"]!;
        Assert.Equal((0.75, 0.75), ((double)row["acc,none"]!, (double)row["lvb_acc,none"]!));
        Assert.InRange((double)row["acc_stderr,none"]!, 0.05, 0.3);
        Assert.Equal((5, 4), ((int)results["n-samples"]!["longvideobench_val_v"]!["original"]!, (int)results["n-samples"]!["longvideobench_val_v"]!["effective"]!));
        Assert.Equal("20261122_120000", (string?)results["date"]);
        Assert.Contains("pretrained=tuned,", (string?)results["config"]!["model_args"]);
        Assert.Contains("unparsed counted as wrong", (string?)results["configs"]!["longvideobench_val_v"]!["metadata"]!["protocol"]);
        Assert.Contains("\"git_hash\": null", results.ToJsonString(LmmsEval.Json));
    }

    [Fact]
    public void Video_MME_is_in_percent_and_MLVU_the_mean_of_its_tasks()
    {
        var videoMme = LmmsEval.Results(Run(VideoMme.Protocol).Report, 1)["results"]!["videomme"]!;
        Assert.Equal(75, (double)videoMme["videomme_perception_score,none"]!);
        // Two tasks, 1 of 1 and 2 of 3: micro 3/4, macro (1 + 2/3) / 2. The metric's name is misspelt there.
        var mlvu = LmmsEval.Results(Run(Mlvu.Protocol).Report, 1)["results"]!["mlvu_dev"]!;
        Assert.Equal((0.75, 100 * (1 + 2 / 3.0) / 2), ((double)mlvu["acc,none"]!, (double)mlvu["mlvu_percetion_score,none"]!));
    }

    [Fact]
    public void A_suite_of_ones_own_keeps_its_name() => Assert.Equal("suite", LmmsEval.Task(Run(LongVideoBench.Protocol).Report with { Protocol = "my own" }));

    [Fact]
    public void Samples_are_the_counted_questions_with_prompt_answer_and_what_was_read_of_it()
    {
        var (report, plan) = Run(LongVideoBench.Protocol);
        JsonObject[] samples = [.. LmmsEval.Samples(report, plan, 1, plan.Questions.ToDictionary(question => question.Id, question => question.Prompt))];
        // The second question failed: it is no sample, and the others keep their numbers.
        Assert.Equal([0, 2, 3, 4], samples.Select(sample => (int)sample["doc_id"]!));
        var last = samples[^1];
        Assert.Equal(("q4", "prompt 4", "A", "no idea", 0.0),
            ((string?)last["question_id"], (string?)last["input"], (string?)last["target"], (string?)last["filtered_resps"]![0], (double)last["acc"]!));
        Assert.Equal("no idea", (string?)last["resps"]![0]![0]);
        Assert.Null(last["parsed"]);
        Assert.Equal("A", (string?)samples[0]["parsed"]);
        Assert.Matches("^[0-9a-f]{64}$", (string?)samples[0]["doc_hash"]);
    }

    private static (BenchmarkReport Report, BenchmarkPlan Plan) Run(string protocol)
    {
        var plan = new BenchmarkPlan
        {
            RunId = "bench-1", Suite = "suite", SuiteSha256 = "ab", Protocol = protocol,
            Benchmark = KnownBenchmarks.All.Single(benchmark => benchmark.Protocols[0].Name == protocol).Slug, PromptSha256 = "cd", Preprocess = "p", Frames = 16, MaxNewTokens = 16, Seed = 7, GateMargin = 0.02,
            Models = [new("base", "r0", null), new("tuned", "r1", null)],
            Questions = [.. Enumerable.Range(0, 5).Select(i => new BenchmarkQuestion(
                $"q{i}", $"v{i}", $"v{i}.mp4", $"Question {i}", $"prompt {i}", 4, "A", [new("question_type", i == 0 ? "count" : "order")]) { Choices = ["a", "b", "c", "d"] })],
        };
        var answers = plan.Questions.SelectMany(q => plan.Models.Select(model => new StoredAnswer
        {
            ModelId = model.ModelId, ModelRevision = model.Revision, VideoId = q.VideoId, QuestionId = q.Id, Question = q.Question, Prompt = q.Prompt, Gold = q.Gold,
            Raw = q.Id == "q1" ? null : q.Id == "q4" ? "no idea" : "A", Error = q.Id == "q1" ? "The video is cut off." : null,
        }));
        return (ReportBuilder.Build(plan, answers, new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero)), plan);
    }
}
