using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Integration.Loop;

/// <summary>
/// Rounds in the demo's house: its videos, its small model, its suite. A few steps make no model surely better, so where a second round is wanted, what both models
/// say in the first one's benchmark lies there before they are asked, as if the tuned one knew everything; all else is the product's own.
/// </summary>
internal sealed class RoundsRun(DemoRun demo, string key)
{
    /// <summary>Of the suite's questions, five a video: six videos that all say the same are as few as can prove anything.</summary>
    private const int Questions = 30;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(4);

    /// <summary>What the app makes of the idempotency key.</summary>
    public string RunId { get; } = $"train-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"train:{key}")))[..12]}";

    public string Location => $"/api/training/{RunId}";

    public async Task StartAsync(TrainingRequest request)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/api/training") { Content = JsonContent.Create(request, options: TpoJson.Options) };
        message.Headers.Add("Idempotency-Key", key);
        using var response = await demo.House.Http.SendAsync(message);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        Assert.Equal(Location, response.Headers.Location!.OriginalString);
    }

    public Task<TrainingStatus> StatusAsync() => demo.House.GetAsync<TrainingStatus>(Location);

    public Task<TrainingStatus> UntilAsync(string what, Func<TrainingStatus, bool> holds) =>
        House.EventuallyAsync(what, Long, async () => await StatusAsync() is var status && holds(status) ? status : null);

    public Task<TrainingStatus> EndAsync() => UntilAsync("the rounds end", status => status.Run.IsFinal);

    /// <summary>The first round's comparison, on few questions: the tuned model is right and its base wrong.</summary>
    public async Task LetTheTunedModelKnowAsync()
    {
        var run = FirstBenchmark();
        await demo.House.Catalog.PutAsync(Catalog.BenchmarkRuns, run.RunId, run);
        foreach (var name in await demo.House.Storage.ListAsync(Containers.Reports, $"{demo.Benchmark.Folder}/answers/{demo.Benchmark.Models[0]}/"))
        {
            var answers = await demo.House.Storage.ReadJsonLinesAsync<StoredAnswer>(Containers.Reports, name);
            foreach (var (model, knows) in new[] { (run.Models[0], false), (run.Models[1], true) })
                await demo.House.Storage.WriteJsonLinesAsync(
                    Containers.Reports, ReportBlobs.Answers(run.Folder, model, answers[0].VideoId), answers.Select(answer => As(answer, model, knows)).ToList());
        }
    }

    private static StoredAnswer As(StoredAnswer answer, string model, bool knows)
    {
        var letter = knows ? answer.Gold : answer.Gold == "A" ? "B" : "A";
        return answer with { ModelId = model, Raw = letter, Letter = letter };
    }

    private BenchmarkRun FirstBenchmark() => new()
    {
        RunId = $"bench-{RoundNames.Run(RunId, 1)}",
        Status = BenchmarkStatus.Queued,
        Suite = demo.Benchmark.Suite,
        Models = ["tpo-nano", Model(1)],
        Revisions = ["nobody asks", "nobody asks"],
        Limit = Questions,
        Folder = $"rounds/{RunId}",
        CreatedAt = DateTimeOffset.UtcNow,
        UpdatedAt = DateTimeOffset.UtcNow,
    };

    public string Model(int round) => $"tpo-nano-tpo-{RoundNames.Run(RunId, round)}";
}
