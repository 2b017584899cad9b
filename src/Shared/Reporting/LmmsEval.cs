using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Reporting;

/// <summary>
/// A run's figures and answers in the shape of lmms-eval's `*_results.json` and `--log_samples` files, one model each, so that scripts written for that
/// harness read them. The numbers are ours, by our protocol; `configs` says so. What this product does not know (a few-shot seed, a device) is null.
/// </summary>
public static class LmmsEval
{
    /// <summary>Nulls are written: the harness's readers look fields up without asking.</summary>
    public static JsonSerializerOptions JsonLine { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    public static JsonSerializerOptions Json { get; } = new(JsonLine) { WriteIndented = true };

    /// <summary>How lmms-eval calls the benchmark, its metric, whether that is in percent, and the group over whose members it is a mean (null: over questions).</summary>
    private static readonly (string Benchmark, string Task, string Metric, bool Percent, string? MacroOver)[] Tasks =
    [
        ("LongVideoBench", "longvideobench_val_v", "lvb_acc", false, null),
        ("MLVU", "mlvu_dev", "mlvu_percetion_score", true, "question_type"),
        ("Video-MME", "videomme", "videomme_perception_score", true, null),
    ];

    /// <summary>lmms-eval's name of the task; the suite's own where it has none.</summary>
    public static string Task(BenchmarkReport report) => Known(report)?.Task ?? report.Suite;

    /// <param name="side">0 base, 1 tuned</param>
    public static JsonObject Results(BenchmarkReport report, int side)
    {
        var (model, score) = (report.Models[side], side == 0 ? report.Result.Base : report.Result.Tuned);
        var task = Task(report);
        var metrics = new JsonObject
        {
            ["alias"] = task, ["acc,none"] = score.Accuracy,
            // Half the interval's width over z, as the harness's readers take a standard error to be used.
            ["acc_stderr,none"] = (score.High - score.Low) / (2 * StudentT.Z975),
        };
        var better = new JsonObject { ["acc"] = true };
        if (Known(report) is { } known)
        {
            metrics[$"{known.Metric},none"] = (known.Percent ? 100 : 1) * Mean(report, side, known.MacroOver, score.Accuracy);
            metrics[$"{known.Metric}_stderr,none"] = "N/A";
            better[known.Metric] = true;
        }
        return new JsonObject
        {
            ["results"] = Of(task, metrics),
            ["group_subtasks"] = Of(task, new JsonArray()),
            ["configs"] = Of(task, new JsonObject
            {
                ["task"] = task, ["dataset_path"] = report.Suite, ["output_type"] = "generate_until", ["num_fewshot"] = 0,
                ["metadata"] = new JsonObject
                {
                    ["protocol"] = report.Protocol, ["annotations_sha256"] = report.SuiteSha256, ["prompts_sha256"] = report.PromptSha256,
                    ["frames"] = report.Frames, ["preprocess"] = report.Preprocess, ["run"] = report.RunId,
                },
            }),
            ["versions"] = Of(task, "Yaml"),
            ["n-shot"] = Of(task, 0),
            ["higher_is_better"] = Of(task, better),
            ["n-samples"] = Of(task, new JsonObject { ["original"] = report.Result.Questions + report.Result.Errors, ["effective"] = report.Result.Questions }),
            ["config"] = new JsonObject
            {
                ["model"] = "tpo", ["model_args"] = $"pretrained={model.ModelId},revision={model.Revision},max_frames_num={report.Frames}", ["batch_size"] = 1, ["device"] = null,
                ["limit"] = null, ["gen_kwargs"] = "temperature=0", ["random_seed"] = report.Seed,
            },
            ["git_hash"] = null,
            ["date"] = report.CreatedAt.UtcDateTime.ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture),
            ["model_source"] = "tpo",
            ["model_name"] = model.ModelId,
            ["model_name_sanitized"] = model.ModelId.Replace('/', '_'),
        };
    }

    /// <summary>One line a counted question, in the order of the annotations.</summary>
    /// <param name="prompts">what was asked, by the question's id</param>
    public static IEnumerable<JsonObject> Samples(BenchmarkReport report, BenchmarkPlan plan, int side, IReadOnlyDictionary<string, string> prompts)
    {
        var answers = report.Answers.ToDictionary(answer => answer.QuestionId);
        foreach (var (index, question) in plan.Questions.Index())
        {
            if (!answers.TryGetValue(question.Id, out var answered))
                continue;
            var (given, prompt) = (side == 0 ? answered.Base : answered.Tuned, prompts[question.Id]);
            yield return new JsonObject
            {
                ["doc_id"] = index, ["question_id"] = question.Id, ["video_id"] = question.VideoId, ["target"] = question.Gold, ["input"] = prompt,
                ["resps"] = new JsonArray(new JsonArray(given.Raw)), ["filtered_resps"] = new JsonArray(given.Raw),
                ["doc_hash"] = Sha256(question.Id + "\n" + prompt), ["prompt_hash"] = Sha256(prompt), ["target_hash"] = Sha256(question.Gold),
                ["parsed"] = given.Letter, ["acc"] = given.Credit,
            };
        }
    }

    private static double Mean(BenchmarkReport report, int side, string? over, double micro)
    {
        var rows = report.Groups.Where(row => row.Kind == over).ToList();
        return rows.Count == 0 ? micro : rows.Average(row => side == 0 ? row.Base : row.Tuned);
    }

    private static (string Benchmark, string Task, string Metric, bool Percent, string? MacroOver)? Known(BenchmarkReport report) =>
        Tasks.Where(task => report.Protocol.StartsWith(task.Benchmark, StringComparison.Ordinal)).Select(task => ((string, string, string, bool, string?)?)task).FirstOrDefault();

    private static JsonObject Of(string task, JsonNode? value) => new() { [task] = value };

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
