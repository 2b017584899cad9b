using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Benchmarks;

/// <summary>What stays in storage when a gate's runs end, in any order and more than once.</summary>
public sealed class GatesTests : IAsyncLifetime
{
    private static readonly string[] Suites = ["one", "two"];
    private Catalog _catalog = null!;
    private LatestModels _latest = null!;
    private Gates _gates = null!;

    public async Task InitializeAsync()
    {
        var storage = TpoStorage.FromConnectionString(await SharedAzurite.TakeConnectionStringAsync());
        await storage.EnsureContainersAsync();
        _catalog = new Catalog(storage);
        _latest = new LatestModels(_catalog, new TpoSettings { BaseModel = "base" }, TimeProvider.System);
        _gates = new Gates(_catalog, _latest, TimeProvider.System);
        await _catalog.PutAsync(Catalog.Models, "tuned", new ModelCard { ModelId = "tuned", Revision = "r1" });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Latest_moves_once_when_the_last_suite_of_a_passed_gate_ends_and_keeps_why()
    {
        await EndAsync("one", 0.03);
        Assert.Null(await _gates.FindAsync("night", default));
        Assert.Equal("base", await _latest.IdAsync(default));

        await EndAsync("two", 0.02);
        var record = await _gates.FindAsync("night", default);
        Assert.Equal(("pass", true), (record!.Decision!.Gate, record.Moved));
        var latest = await _latest.FindAsync(default);
        Assert.Equal(("tuned", "r1", "gate", "night", "base"), (latest!.ModelId, latest.Revision, latest.By, latest.GateGroup, latest.Before));
        Assert.Equal(record.Sentence, latest.Why);

        await EndAsync("two", 0.02);
        Assert.Single(await _latest.HistoryAsync(default));
    }

    [Fact]
    public async Task A_gate_that_was_killed_between_the_move_and_its_record_is_recorded_as_moved()
    {
        var card = new ModelCard { ModelId = "tuned", Revision = "r1" };
        await PutAsync("one", 0.03);
        await _latest.PromoteAsync(card, LatestModels.Gate, "Before the kill.", "night", default);
        await EndAsync("two", 0.02);
        Assert.True((await _gates.FindAsync("night", default))!.Moved);
        Assert.Single(await _latest.HistoryAsync(default));
    }

    [Fact]
    public async Task A_regression_moves_nothing_and_a_person_may_still_promote()
    {
        await EndAsync("one", -0.06);
        await EndAsync("two", 0.02);
        Assert.Equal("regressed", (await _gates.FindAsync("night", default))!.Decision!.Gate);
        Assert.Equal("base", await _latest.IdAsync(default));
        await _latest.PromoteAsync(new ModelCard { ModelId = "tuned", Revision = "r1" }, "Ada", "The bad suite is broken.", null, default);
        Assert.Equal("tuned", await _latest.IdAsync(default));
    }

    private async Task EndAsync(string suite, double mean) => await _gates.DecideAsync(await PutAsync(suite, mean), default);

    private async Task<BenchmarkRun> PutAsync(string suite, double mean)
    {
        var score = new ModelScore("m", 0.6, 0.5, 0.7, 600, 1000, 0);
        var difference = new Difference(mean, mean - 0.02, mean + 0.02, 0.5) { StandardError = 0.0102, Degrees = 300, Questions = 1000 };
        var run = new BenchmarkRun
        {
            RunId = $"run-{suite}", Status = BenchmarkStatus.Succeeded, Suite = suite, Models = ["base", "tuned"], Revisions = ["r0", "r1"], Folder = "f", GateGroup = "night", GateSuites = Suites,
            Result = new BenchmarkResult(score, score, difference, "pass", 1000, 333, 0) { GateMargin = 0.02 }, CreatedAt = DateTimeOffset.UtcNow, UpdatedAt = DateTimeOffset.UtcNow,
        };
        await _catalog.PutAsync(Catalog.BenchmarkRuns, run.RunId, run);
        return run;
    }
}
