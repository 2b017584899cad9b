using Microsoft.Azure.Functions.Worker;
using Tpo.Functions.Training;

namespace Tpo.Tests.Conformance.Histories;

/// <summary>
/// Runs of the real app, recorded once, are replayed by the code of today: an orchestrator that was changed so that its running instances
/// could not go on is told of here, before it is deployed.
/// </summary>
public sealed class RecordedHistoryTests : IClassFixture<RecordedHistoryTests.TheApp>
{
    private static readonly string succeeded = RecordedExecution.FileOf(nameof(TrainModel), "succeeded");
    private readonly RealApp app;

    public RecordedHistoryTests(TheApp fixture) => app = fixture.App;

    public static TheoryData<string> Files => [.. RecordedExecution.Files];

    [Theory, MemberData(nameof(Files)), Promise("3.1.2")]
    public void A_recorded_run_does_the_same_today(string file)
    {
        var difference = HistoryReplay.Differs(file, RecordedExecution.Read(file), app.Functions(RealApp.Types), app.Serializer);
        Assert.True(difference is null, difference);
    }

    [Fact]
    public void Every_orchestrator_of_the_app_has_recorded_runs()
    {
        var recorded = RecordedExecution.Files.Select(file => RecordedExecution.Read(file).Orchestrator).ToHashSet();
        var missing = app.Table(RealApp.Types).With<OrchestrationTriggerAttribute>().Select(found => found.Function.Name).Except(recorded).ToList();
        Assert.True(missing.Count == 0, $"These orchestrators have no recorded run: {string.Join(", ", missing)}. Let RecordedRuns (tests/Integration/Loop) "
            + "start each of them, run ./tpo test record-histories, and commit the files.");
    }

    [Fact]
    public void The_recorded_runs_show_success_failure_retries_ContinueAsNew_and_termination()
    {
        var runs = RecordedExecution.Files.Select(RecordedExecution.Read).ToList();
        foreach (var run in runs.Zip(RecordedExecution.Files))
            Assert.Equal(RecordedExecution.FileOf(run.First.Orchestrator, RecordHistories.CaseOf(run.First)), run.Second);
        string[] cases = [.. RecordedExecution.Files.Select(file => file["tests/Conformance/Histories/".Length..^".json".Length])];
        Assert.Superset(
            new HashSet<string>
            {
                "CurateVideo/curated", "CurateVideo/duplicate", "CurateVideo/failed", "CurateVideo/terminated", "RunBenchmark/succeeded",
                "RunBenchmark/failed-after-ScoreBenchmark-failed", "TrainModel/succeeded", "TrainModel/cancelled", "TrainModel/failed",
                "TrainModel/failed-after-WatchJob-failed", "WatchJob/succeeded", "WatchJob/cancelled", "WatchJob/failed", "WatchJob/began-anew",
                "WatchJob/terminated", "TrainRounds/succeeded", "TrainRounds/cancelled", "TrainRounds/failed", "MakeRoundPairs/completed", "AnswerAgain/completed",
                "AnswerAgain/completed-after-AnswerView-failed",
            },
            cases.ToHashSet());
    }

    [Fact]
    public void An_orchestrator_that_was_only_rewritten_passes() => Assert.Null(Difference(typeof(ChangedOrchestrators.RewrittenOnly)));

    [Theory, Promise("3.1.2")]
    [InlineData(typeof(ChangedOrchestrators.AnotherActivity),
        "asks for activity 'PrepareDatasetQuickly' as action #0, history has activity 'PrepareDataset' there")]
    [InlineData(typeof(ChangedOrchestrators.AnotherOrder), "asks for sub-orchestration 'WatchJob' as action #0, history has activity 'PrepareDataset' there")]
    [InlineData(typeof(ChangedOrchestrators.OneMoreAtTheEnd), "asks for activity 'TellSomebody', history has nothing there")]
    [InlineData(typeof(ChangedOrchestrators.OneLess), "history has activity 'ExportTuned' as action #2")]
    [InlineData(typeof(ChangedOrchestrators.AnotherResult), "the end that differs: history has 'completed with \"succeeded\"', the code of today gives 'completed with \"it is Succeeded\"'")]
    [InlineData(typeof(ChangedOrchestrators.AnotherTypeOfAnswer), "history has activity 'ExportTuned' as action #2")]
    public void An_incompatible_change_is_told_with_the_place_and_what_to_do(Type changed, string place)
    {
        var difference = Difference(changed)!;

        Assert.StartsWith("tests/Conformance/Histories/TrainModel/succeeded.json: orchestrator 'TrainModel' no longer does what", difference);
        Assert.Contains(place, difference);
        Assert.Contains("undo the change", difference);
        Assert.Contains("'TrainModelV2'", difference);
        Assert.Contains("./tpo test record-histories", difference);
    }

    [Fact]
    public void A_removed_orchestrator_is_told()
    {
        var file = RecordedExecution.Files.First(name => name.Contains("/WatchJob/"));
        var difference = HistoryReplay.Differs(file, RecordedExecution.Read(file), app.Functions([typeof(ChangedOrchestrators.OneLess)]), app.Serializer);
        Assert.Contains("orchestrator 'WatchJob' no longer does what this recorded run of it did", difference);
    }

    private string? Difference(Type functions) =>
        HistoryReplay.Differs(succeeded, RecordedExecution.Read(succeeded), app.Functions([functions]), app.Serializer);

    /// <summary>The real app, built once for all replays.</summary>
    public sealed class TheApp : IDisposable
    {
        internal RealApp App { get; } = new();

        public void Dispose() => App.Dispose();
    }
}
