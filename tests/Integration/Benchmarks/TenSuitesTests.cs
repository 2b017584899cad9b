using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tpo.GpuJob.Synthetic.Suites;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Reporting;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Benchmarks;

/// <summary>The ten benchmarks in miniature through the real app: by one request, by the clock, and killed in the middle.</summary>
public sealed class TenSuitesTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-ten-").FullName;
    private TpoStorage _storage = null!;
    private BareApp _app = null!;

    public async Task InitializeAsync()
    {
        var connection = await SharedAzurite.TakeConnectionStringAsync();
        _storage = TpoStorage.FromConnectionString(connection);
        await _storage.EnsureContainersAsync();
        await RandomModels.RegisterAsync(_storage, "base", 1);
        await RandomModels.RegisterAsync(_storage, "tuned", 2);
        await TenSuites.PutAsync(_storage, _folder);
        _app = new BareApp(connection, _folder, new Dictionary<string, string>
        {
            ["Tpo__FramesPerVideo"] = "4", ["Tpo__NightlySchedule"] = "0 0 2 * * *", ["Tpo__NightlySuite"] = string.Join(',', MiniatureSuites.Slugs), ["Tpo__BaseModel"] = "base",
        });
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task All_ten_run_by_one_request_and_by_the_clock_and_a_kill_in_the_middle_changes_no_report()
    {
        var torn = await StartAsync("torn");
        await House.EventuallyAsync("a third of the answers is stored", Long, async () =>
            (await _storage.ListAsync(Containers.Reports, "")).Count(name => name.EndsWith(".jsonl", StringComparison.Ordinal)) >= 15 ? "yes" : null);
        await _app.KillAsync();
        await _app.StartAsync();
        Assert.Equal(torn, await StartAsync("torn"));
        var survivor = await EndAsync(torn);
        Assert.Equal(MiniatureSuites.Slugs, survivor.Runs.Select(run => run.Suite));
        Assert.Equal((survivor.Total, 10), (survivor.Done, survivor.Decision!.Suites.Count));
        foreach (var run in survivor.Runs)
            Assert.True(run.Result is { Errors: 0, Videos: 2 }, await ErrorsAsync(run));
        // Descriptions need a judge, and there is none here.
        Assert.Equal(["tempcompass", "eventhallusion"], survivor.Runs.Where(run => run.Result!.Unjudged > 0).Select(run => run.Suite));

        // By the clock, undisturbed: the same models on the same suites.
        (await _app.Http.PostAsJsonAsync("/admin/functions/NightlyBenchmark", new { input = "" })).EnsureSuccessStatusCode();
        var gate = await House.EventuallyAsync("the night is decided", Long, async () => (await new Catalog(_storage).ListAsync<GateRecord>(Catalog.Gates)).SingleOrDefault());
        var night = await EndAsync($"/api/benchmark-groups/{gate.Group}");
        Assert.Equal(gate.Sentence, night.Gate!.Sentence);
        foreach (var (one, other) in survivor.Runs.Zip(night.Runs))
            Assert.Equal(await NumbersAsync(one), await NumbersAsync(other));

        await AssertEveryNumberIsInStoredAnswersAsync(night.Runs.Single(run => run.Suite == "videohallucer"));
        var page = await _app.Http.GetStringAsync($"/api/benchmark-groups/{gate.Group}/report");
        Assert.All(night.Runs, run => Assert.Contains($"../../benchmarks/{run.RunId}/report", page));
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Http.GetAsync("/api/benchmark-groups/nobody")).StatusCode);
        await AssertPartsAndLaterScoringAsync();
        await AssertRefusalsAsync();
    }

    /// <summary>A shard that was cut off after its first questions asks only the others, and they say what they said.</summary>
    [Fact]
    public async Task A_shard_goes_on_behind_its_stored_answers()
    {
        var settings = new TpoSettings { FramesPerVideo = 4, WorkFolder = _folder, FFmpegFolder = Path.Combine(Repository.Root, "infra/sandbox") };
        using var models = new ModelHost(_storage, settings);
        var known = new BenchmarkModels(_storage, models, new FrameExtractor(settings), endpoint: null);
        var answerer = new BenchmarkAnswerer(_storage, known, settings);
        var suites = new BenchmarkSuites(_storage);
        var catalog = new Catalog(_storage);
        var suite = (await suites.TryLoadAsync("tempcompass", default))!;
        var cards = await catalog.ListAsync<ModelCard>(Catalog.Models, default);
        var plan = await new BenchmarkPlanner(_storage, suites, known, catalog, settings).PlanAsync(new BenchmarkRun
        {
            RunId = "r", Status = BenchmarkStatus.Queued, Suite = suite.Name, Models = ["base", "tuned"], Revisions = [.. cards.Select(card => card.Revision)],
            Folder = "f", CreatedAt = default, UpdatedAt = default,
        }, default);
        var shard = plan.Shards()[0];

        var stores = new List<IReadOnlyList<StoredAnswer>>();
        Task Store(IReadOnlyList<StoredAnswer> lines)
        {
            stores.Add(lines);
            return Task.CompletedTask;
        }

        await answerer.AnswerAsync(plan, shard, [], Store, default);
        Assert.True(stores.Count >= 2, $"{stores.Count} stores");
        Assert.Equal(BenchmarkAnswerer.QuestionsAtOnce, stores[0].Count);
        var (whole, first) = (stores[^1], stores[0]);
        Assert.Equal(plan.QuestionsOf(shard).Select(question => question.Id), whole.Select(line => line.QuestionId));

        stores.Clear();
        await answerer.AnswerAsync(plan, shard, first, Store, default);
        Assert.Equal(whole.Select(line => (line.QuestionId, line.Raw)), stores[^1].Select(line => (line.QuestionId, line.Raw)));
        Assert.Equal(first, stores[^1].Take(first.Count));

        stores.Clear();
        await answerer.AnswerAsync(plan, shard, whole, Store, default);
        Assert.Empty(stores);
    }

    /// <summary>The pooled accuracy of pairs of questions, counted here from the lines.</summary>
    private async Task AssertEveryNumberIsInStoredAnswersAsync(BenchmarkRun run)
    {
        foreach (var score in new[] { run.Result!.Base, run.Result.Tuned })
        {
            var lines = new List<StoredAnswer>();
            foreach (var blob in await _storage.ListAsync(Containers.Reports, $"{run.Folder}/answers/{score.ModelId}/"))
                lines.AddRange(await _storage.ReadJsonLinesAsync<StoredAnswer>(Containers.Reports, blob));
            var pairs = lines.GroupBy(line => line.QuestionId[..line.QuestionId.LastIndexOf('_')]).ToList();
            Assert.Equal(pairs.Count, score.Questions);
            Assert.Equal(pairs.Count(pair => pair.All(line => line.Letter == line.Gold)), score.Correct);
        }
    }

    /// <summary>Two halves of the videos, asked and scored apart, hold together what the whole holds.</summary>
    private async Task AssertPartsAndLaterScoringAsync()
    {
        var items = 0;
        foreach (var part in new[] { "1/2", "2/2" })
        {
            var response = await _app.Http.PostAsJsonAsync("/api/benchmarks", new { suite = "mlvu", models = new[] { "base", "tuned" }, shard = part, predictOnly = true });
            var location = response.Headers.Location!.OriginalString;
            var run = await House.EventuallyAsync("the part is asked", Long, async () => await GetAsync<BenchmarkRun>(location) is { IsFinal: true } seen ? seen : null);
            Assert.Null(run.Result);
            Assert.Equal(HttpStatusCode.NotFound, (await _app.Http.GetAsync($"{location}/report")).StatusCode);
            var scored = await (await _app.Http.PostAsync($"{location}/score", null)).Content.ReadFromJsonAsync<BenchmarkRun>(TpoJson.Options);
            items += scored!.Result!.Questions;
            Assert.True((await _app.Http.GetAsync($"{location}/report")).IsSuccessStatusCode);
        }
        Assert.Equal((await new BenchmarkSuites(_storage).TryLoadAsync("mlvu", default))!.File.Questions.Count, items);
    }

    private async Task AssertRefusalsAsync()
    {
        await _storage.WriteTextAsync(Containers.Benchmarks, "mine/suite.json", """{"benchmark": "mmlu"}""", "application/json");
        await RefusesAsync(new { suites = new[] { "mlvu", "mlvu" }, models = new[] { "base", "tuned" } }, "suites", "every suite once");
        await RefusesAsync(new { suites = new[] { "mlvu", "none" }, models = new[] { "base", "tuned" } }, "suite", "There is no suite 'none'");
        await RefusesAsync(new { suite = "mine", models = new[] { "base", "tuned" } }, "suite", "mine/suite.json, field 'benchmark' is 'mmlu', which is none of longvideobench");
        await RefusesAsync(new { suite = "mlvu", models = new[] { "base", "tuned" }, protocol = "lmms-eval" }, "protocol", "'lmms-eval' is in the names of 3");
        await RefusesAsync(new { suite = "mlvu", models = new[] { "base", "tuned" }, protocol = "choice_bench" }, "protocol", "sets the system message");
        await RefusesAsync(new { suite = "longvideobench", models = new[] { "base", "tuned" }, protocol = "val_i" }, "protocol", "between the frames");
        await RefusesAsync(new { suite = "mlvu", models = new[] { "base", "tuned" }, shard = "3/2" }, "shard", "'3/2' is no part");
        await RefusesAsync(new { suite = "mlvu", models = new[] { "base", "tuned" }, predictOnly = true, gate = true }, "gate", "whole suites");
    }

    private async Task RefusesAsync(object request, string field, string sentence)
    {
        var response = await _app.Http.PostAsJsonAsync("/api/benchmarks", request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(sentence, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty(field)[0].GetString());
    }

    private async Task<string> ErrorsAsync(BenchmarkRun run) =>
        $"{run.Suite}: {run.Result}\n{string.Join('\n', (await _storage.ReadJsonAsync<BenchmarkReport>(Containers.Reports, ReportBlobs.Json(run.Folder))).Errors)}\n{_app.Log[^Math.Min(_app.Log.Length, 4000)..]}";

    /// <summary>The report without what names a run or tells a time.</summary>
    private async Task<string> NumbersAsync(BenchmarkRun run)
    {
        var report = await _storage.ReadJsonAsync<BenchmarkReport>(Containers.Reports, ReportBlobs.Json(run.Folder));
        return JsonSerializer.Serialize(report with { RunId = "", CreatedAt = default, Speed = [], Nights = [] }, TpoJson.Options);
    }

    private async Task<string> StartAsync(string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/benchmarks")
        {
            Content = JsonContent.Create(new { suites = MiniatureSuites.Slugs, models = new[] { "base", "tuned" } }), Headers = { { "Idempotency-Key", key } },
        };
        var response = await _app.Http.SendAsync(request);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return response.Headers.Location!.OriginalString;
    }

    private async Task<BenchmarkGroup> EndAsync(string location)
    {
        var group = await House.EventuallyAsync("the suites end", Long, async () =>
            await GetAsync<BenchmarkGroup>(location) is { Status: BenchmarkStatus.Succeeded or BenchmarkStatus.Failed } seen ? seen : null);
        Assert.True(group.Status == BenchmarkStatus.Succeeded, string.Join('\n', group.Runs.Select(run => $"{run.Suite}: {run.Failure}")));
        return group;
    }

    private async Task<T> GetAsync<T>(string path) => (await _app.Http.GetFromJsonAsync<T>(path, TpoJson.Options))!;
}
