using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;
using Tpo.Shared.Models;
using Tpo.Shared.Reporting;
using Tpo.Shared.Storage;
using Tpo.Tests.Integration.Media;

namespace Tpo.Tests.Integration.Benchmarks;

/// <summary>
/// Two models of random weights on a suite in the authors' format, through the real app: what they say is worth nothing, how it is counted is.
/// </summary>
public sealed class BenchmarkByHttpTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);
    private readonly TestVideos _videos = new();
    private TpoStorage _storage = null!;
    private BareApp _app = null!;

    public async Task InitializeAsync()
    {
        var connection = await SharedAzurite.TakeConnectionStringAsync();
        _storage = TpoStorage.FromConnectionString(connection);
        await _storage.EnsureContainersAsync();
        foreach (var (model, seed) in new[] { ("base", 1), ("tuned", 2) })
            await RandomModels.RegisterAsync(_storage, model, seed);
        await PutSuiteAsync();
        _app = new BareApp(connection, _videos.Folder, new Dictionary<string, string>
        {
            ["Tpo__FramesPerVideo"] = "4", ["Tpo__NightlySchedule"] = "0 0 2 * * *", ["Tpo__NightlySuite"] = "small, absent", ["Tpo__BaseModel"] = "base",
        });
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _videos.Dispose();
    }

    [Fact]
    public async Task A_comparison_survives_a_kill_counts_stored_answers_names_failures_and_is_not_made_twice()
    {
        await RefusesAsync(new { suite = "absent", models = new[] { "base", "tuned" } }, "suite", "There is no suite 'absent'");
        await RefusesAsync(new { suite = "broken", models = new[] { "base", "tuned" } }, "suite", "broken/lvb_val.json: record 1 ('x'), field 'question' is missing");
        await RefusesAsync(new { suite = "small", models = new[] { "base", "nobody" } }, "models", "There is no model 'nobody'");
        await RefusesAsync(new { suite = "small", models = new[] { "tuned", "newest" } }, "models", "cannot be compared with itself");
        await RefusesAsync(new { suite = "small", models = new[] { "base" } }, "models", "Give two models");
        await RefusesAsync(new { suite = "small", models = new[] { "base", "tuned" }, limit = 0 }, "limit", "at least 1");
        await RefusesAsync(new { suite = "small", models = new[] { "base", "tuned" }, limit = 3, gate = true }, "limit", "The gate asks whole suites");
        await RefusesAsync(new { suite = "small", models = new[] { "base", "tuned" }, gate = true, gateSuites = new[] { "other" } }, "gateSuites", "'small' among them");

        var location = await StartAsync("first");
        Assert.Equal(location, await StartAsync("first"));
        await House.EventuallyAsync("some answers are stored", Long, async () =>
            (await _storage.ListAsync(Containers.Reports, "")).Any(name => name.EndsWith(".jsonl", StringComparison.Ordinal)) ? "yes" : null);
        await _app.KillAsync();
        await _app.StartAsync();
        var run = await House.EventuallyAsync("the run ends", Long, async () => await GetAsync<BenchmarkRun>(location) is { IsFinal: true } seen ? seen : null);

        // Two models, four videos, with and without their frames.
        Assert.Equal((BenchmarkStatus.Succeeded, 16, 16), (run.Status, run.Done, run.Total));
        var result = run.Result!;
        Assert.Equal((4, 2, 3), (result.Questions, result.Videos, result.Errors));
        await AssertReportAsync(run);

        await AssertTheGateFailsAScriptOnARegressionAsync(run);
        await AssertNightlySkipsAsync(run);
        await AssertOnlyAGateOrAPersonMovesLatestAsync();
    }

    /// <summary>The report, its page and its row hold what the stored lines say, recounted here.</summary>
    private async Task AssertReportAsync(BenchmarkRun run)
    {
        var report = await _storage.ReadJsonAsync<BenchmarkReport>(Containers.Reports, ReportBlobs.Json(run.Folder));
        Assert.Equal(run.Result, report.Result);
        Assert.Equal([("base", 4), ("tuned", 4)], report.TextOnly.Select(row => (row.ModelId, row.Questions)));
        Assert.All(report.Speed, row => Assert.True(row is { Questions: 4, Frames: 8, DecodeSeconds: > 0, QuestionsPerSecond: > 0 }));
        Assert.Equal(["below 1 min", "first fifth"], report.Groups.Where(row => row.Kind is ReportBuilder.ByLength or ReportBuilder.ByEvidence).Select(row => row.Name));
        Assert.Equal(Gate.Inconclusive, report.Result.Gate);
        Assert.Equal(6, report.Errors.Count);
        Assert.All(report.Errors.Where(error => error.VideoId == "gone"), error => Assert.Contains("benchmarks/small/videos/gone.mp4' does not exist", error.Reason));
        Assert.All(report.Errors.Where(error => error.VideoId == "torn"), error => Assert.Contains("cut off", error.Reason));

        foreach (var (model, score) in new[] { ("base", run.Result!.Base), ("tuned", run.Result.Tuned) })
        {
            var lines = new List<StoredAnswer>();
            foreach (var video in new[] { "one", "two" })
            {
                var text = await _app.Http.GetStringAsync($"/api/benchmarks/{run.RunId}/answers/{model}/{video}.jsonl");
                lines.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<StoredAnswer>(line, TpoJson.Options)!));
            }
            Assert.Equal(4, lines.Count);
            Assert.All(lines, line => Assert.True(line is { Raw: not null, PromptTokens: > 0, FrameIndices.Count: 4, Error: null } && line.Prompt.Contains("A. ")));
            Assert.Equal(lines.Count(line => LongVideoBench.Parse(line.Raw!) == line.Gold), score.Correct);
            Assert.Equal(lines.Count(line => line.Letter is null), score.Unparsed);
        }

        var results = await GetAsync<JsonElement>($"/api/benchmarks/{run.RunId}/lmms-eval/tuned/results.json");
        Assert.Equal(run.Result!.Tuned.Accuracy, results.GetProperty("results").GetProperty("longvideobench_val_v").GetProperty("lvb_acc,none").GetDouble());
        var samples = await _app.Http.GetStringAsync($"/api/benchmarks/{run.RunId}/lmms-eval/base/samples_longvideobench_val_v.jsonl");
        Assert.Equal(4, samples.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(run.RunId, (await GetAsync<BenchmarkReport>($"/api/benchmarks/{run.RunId}/report.json")).RunId);

        var page = await _app.Http.GetStringAsync($"/api/benchmarks/{run.RunId}/report");
        Assert.Contains("<b>base</b>: Random weights.", page);
        Assert.Contains($"data-value=\"{run.Result!.Base.Accuracy.ToString("R", CultureInfo.InvariantCulture)}\"", page);
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Http.GetAsync("/api/benchmarks/nobody/report")).StatusCode);
    }

    /// <summary>A question that the models answer differently, asked about eight copies of its video, with the base's answer as the right one: a true regression.</summary>
    private async Task AssertTheGateFailsAScriptOnARegressionAsync(BenchmarkRun run)
    {
        var answers = (await _storage.ReadJsonAsync<BenchmarkReport>(Containers.Reports, ReportBlobs.Json(run.Folder))).Answers;
        var asked = answers.FirstOrDefault(answer => answer.Base.Letter is "A" or "B" or "C" or "D" && answer.Base.Letter != answer.Tuned.Letter);
        Assert.True(asked is not null, string.Join("; ", answers.Select(answer => $"{answer.QuestionId}: {answer.Base.Raw} | {answer.Tuned.Raw}")));
        var bytes = await File.ReadAllBytesAsync(Path.Combine(_videos.Folder, $"{asked.VideoId}.mp4"));
        var number = int.Parse(asked.QuestionId.Split('_')[1], CultureInfo.InvariantCulture);
        var copies = Enumerable.Range(0, 8).Select(i => $"copy{i}").ToList();
        // A box of nothing at the end: the same frames in other bytes, for a video is its bytes.
        foreach (var (i, copy) in copies.Index())
            await _storage.WriteBytesAsync(Containers.Benchmarks, $"worse/videos/{copy}.mp4", [.. bytes, 0, 0, 0, 9, .. "free"u8, (byte)i], "video/mp4");
        var records = copies.ConvertAll(copy => Record(copy, number));
        records.ForEach(record => record["correct_choice"] = asked.Base.Letter![0] - 'A');
        await _storage.WriteJsonAsync(Containers.Benchmarks, "worse/lvb_val.json", records);

        var (exitCode, output) = await _app.CliAsync("benchmark", "--base", "latest", "--tuned", "tuned", "--suite", "worse", "--gate");
        Assert.True(exitCode == 4, output);
        Assert.Contains("Regressed. tuned against base: -100.0 points", output);
        Assert.Contains("`latest` stays base", output);
        // The other way round it is a true gain: it passes, and `latest` moves.
        (await _app.Http.PostAsJsonAsync("/api/models/tuned/promote", new { by = "Ada", why = "A test." })).EnsureSuccessStatusCode();
        var passed = await _app.CliAsync("benchmark", "--base", "latest", "--tuned", "base", "--suite", "worse", "--gate");
        Assert.True(passed.ExitCode == 0, passed.Output);
        Assert.Contains("Pass. base against tuned: +100.0 points", passed.Output);
        Assert.Contains("`latest` moves from tuned to base", passed.Output);
        var two = await _app.CliAsync("benchmark", "--base", "base", "--tuned", "tuned", "--suite", "worse", "--suite", "small", "--gate");
        Assert.True(two.ExitCode is 0 or 4, two.Output);
        Assert.Contains("over worse, small", two.Output);
        var plain = await _app.CliAsync("benchmark", "--base", "base", "--tuned", "tuned", "--suite", "worse");
        Assert.True(plain.ExitCode == 0, plain.Output);
    }

    private async Task AssertNightlySkipsAsync(BenchmarkRun ungated)
    {
        (await _app.Http.PostAsJsonAsync("/admin/functions/NightlyBenchmark", new { input = "" })).EnsureSuccessStatusCode();
        await House.EventuallyAsync("the night is skipped", Long, () => Task.FromResult(_app.Log.Contains("nothing is new since run") ? "yes" : null));
        // The same comparison without a gate decided nothing; the one that spares the night had one.
        Assert.DoesNotContain($"nothing is new since run {ungated.RunId}", _app.Log);
        Assert.DoesNotContain(await new Catalog(_storage).ListAsync<BenchmarkRun>(Catalog.BenchmarkRuns), run => run.RunId.StartsWith("nightly-", StringComparison.Ordinal));

        await RandomModels.RegisterAsync(_storage, "newer", 3);
        (await _app.Http.PostAsJsonAsync("/admin/functions/NightlyBenchmark", new { input = "" })).EnsureSuccessStatusCode();
        var nightly = await House.EventuallyAsync("the new model's night", Long, async () =>
            (await new Catalog(_storage).ListAsync<BenchmarkRun>(Catalog.BenchmarkRuns)).LastOrDefault(run => run is { IsFinal: true } && run.Models[1] == "newer"));
        Assert.Equal(BenchmarkStatus.Succeeded, nightly.Status);
        Assert.Contains("on absent is skipped: suite: There is no suite 'absent'", _app.Log);
        var gate = await House.EventuallyAsync("the night's gate is decided", Long, async () =>
            (await new Catalog(_storage).ListAsync<GateRecord>(Catalog.Gates)).SingleOrDefault(one => one.Group == nightly.GateGroup));
        Assert.Equal((nightly.GateGroup, "inconclusive", false), (gate.Group, gate.Decision!.Gate, gate.Moved));
        Assert.Contains("`latest` stays base", gate.Sentence);
        Assert.Equal(gate.Sentence, (await GetAsync<GateRecord>($"/api/gates/{gate.Group}")).Sentence);
    }

    private async Task AssertOnlyAGateOrAPersonMovesLatestAsync()
    {
        Assert.Equal("base", (await GetAsync<JsonElement>("/api/models/latest")).GetProperty("modelId").GetString());
        var nobody = await _app.Http.PostAsJsonAsync("/api/models/newer/promote", new { why = "It looks good." });
        Assert.Equal(HttpStatusCode.BadRequest, nobody.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Http.PostAsJsonAsync("/api/models/none/promote", new { by = "Ada", why = "It looks good." })).StatusCode);
        (await _app.Http.PostAsJsonAsync("/api/models/newer/promote", new { by = "Ada", why = "It looks good." })).EnsureSuccessStatusCode();
        var latest = await GetAsync<JsonElement>("/api/models/latest");
        Assert.Equal(("newer", "Ada", "base"), (latest.GetProperty("modelId").GetString(), latest.GetProperty("promotion").GetProperty("by").GetString(),
            latest.GetProperty("history")[0].GetProperty("before").GetString()));
        await RefusesAsync(new { suite = "small", models = new[] { "newer", "latest" } }, "models", "Both are 'newer'");
    }

    private async Task<string> StartAsync(string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/benchmarks")
        {
            Content = JsonContent.Create(new BenchmarkRequest { Suite = "small", Models = ["base", "newest"], TextOnly = true }, options: TpoJson.Options),
            Headers = { { "Idempotency-Key", key } },
        };
        var response = await _app.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }

    private async Task RefusesAsync(object request, string field, string sentence)
    {
        var response = await _app.Http.PostAsJsonAsync("/api/benchmarks", request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Contains(sentence, errors.GetProperty(field)[0].GetString());
    }

    private async Task<T> GetAsync<T>(string path) => (await _app.Http.GetFromJsonAsync<T>(path, TpoJson.Options))!;

    /// <summary>Two good videos with two questions each, one that is not there, one that is cut off.</summary>
    private async Task PutSuiteAsync()
    {
        foreach (var name in new[] { "one", "two", "torn" })
        {
            var bytes = await File.ReadAllBytesAsync(await _videos.MovingAsync($"{name}.mp4", name == "two" ? 5 : 4, codec: "libx264 -preset ultrafast -movflags +faststart"));
            await _storage.WriteBytesAsync(Containers.Benchmarks, $"small/videos/{name}.mp4", name == "torn" ? bytes[..(bytes.Length / 2)] : bytes, "video/mp4");
        }
        string[] videos = ["one", "one", "two", "two", "gone", "torn", "torn"];
        await _storage.WriteJsonAsync(Containers.Benchmarks, "small/lvb_val.json", videos.Select((video, i) => Record(video, i)).ToList());
        await _storage.WriteTextAsync(Containers.Benchmarks, "broken/lvb_val.json", "[{\"id\":\"x\"}]", "application/json");
    }

    private static Dictionary<string, object> Record(string video, int i) => new()
    {
        ["video_id"] = video, ["question"] = $"What is shown, {i}?", ["question_wo_referring_query"] = "What is shown?",
        ["candidates"] = new[] { "a bar", "a ring", "a star", "a clock" }, ["correct_choice"] = i % 4, ["position"] = new[] { 5 }, ["topic_category"] = "T",
        ["question_category"] = "S2E", ["level"] = "L1-Perception", ["id"] = $"{video}_{i}", ["video_path"] = $"{video}.mp4", ["subtitle_path"] = "none.json",
        ["duration_group"] = 15, ["starting_timestamp_for_subtitles"] = 0, ["duration"] = 4.0, ["view_count"] = 1,
    };
}
