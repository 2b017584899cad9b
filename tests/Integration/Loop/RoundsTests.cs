using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Integration.Loop;

/// <summary>Curate, train, compare, and again with the new model, as long as it gains.</summary>
[Collection(DemoCollection.Name)]
public sealed class RoundsTests(DemoRun demo)
{
    private static readonly TrainingRequest Short = new() { Steps = 2, SaveEvery = 2, Rounds = 3 };

    [Fact, Trait("Lane", "slow")]
    public async Task After_a_gain_the_tuned_model_makes_the_next_pairs_and_is_trained_on_them_until_a_round_brings_none()
    {
        var before = await OwnPairsAsync();
        var rounds = new RoundsRun(demo, "rounds-with-a-gain");
        await rounds.LetTheTunedModelKnowAsync();
        await rounds.StartAsync(Short);
        var status = await rounds.EndAsync();

        Assert.True(status.Run.Status == RunStatus.Succeeded, status.Run.Failure);
        var (first, second) = (status.Run.Rounds![0], status.Run.Rounds[1]);
        Assert.Equal(2, status.Run.Rounds.Count);
        Assert.Equal((true, "tpo-nano", rounds.Model(1)), (first.Gain, first.BaseModel, first.ModelId));
        Assert.Equal((false, rounds.Model(1), rounds.Model(2)), (second.Gain, second.BaseModel, second.ModelId));
        Assert.StartsWith($"Round 2 of 3 brought no gain, so the rounds end and {rounds.Model(1)} stays the one to use.", status.Run.Stopped);
        Assert.Equal(rounds.Model(1), status.Run.Result!.ModelId);

        foreach (var round in status.Run.Rounds)
        {
            var card = await demo.House.Storage.ReadJsonAsync<DatasetCard>(Containers.Datasets, $"{round.Dataset}/dataset.json");
            var model = await demo.House.Storage.ReadJsonAsync<ModelCard>(Containers.Models, $"{round.BaseModel}/model.json");
            Assert.Equal($"{model.ModelId}@{model.Revision}", Assert.Single(card.Models));
            var training = await demo.House.GetAsync<TrainingStatus>($"/api/training/{round.RunId}");
            Assert.Equal((new RoundOf(rounds.RunId, round.Round), round.BaseModel, round.Dataset), (training.Run.RoundOf, training.Run.Result!.BaseModel, training.Run.Result.Dataset));
            // The reference is the model as the round began.
            Assert.Equal(Math.Log(2), training.Metrics[0].DpoLoss, 3);
            Assert.Contains("began at 0.6931", training.Curves[0].Sentence);
        }
        // The first round finds what the curation made; the second one's answers are the tuned model's, and of the first one's pairs it has none.
        var (own, made) = (demo.Pairs.Select(pair => pair.PairId).ToHashSet(), await PairIdsAsync(second));
        Assert.All(await PairIdsAsync(first), id => Assert.Contains(id, own));
        Assert.NotEmpty(made);
        Assert.All(made, id => Assert.DoesNotContain(id, own));
        Assert.Equal(before, await OwnPairsAsync());
    }

    private async Task<IReadOnlyList<string>> PairIdsAsync(TrainingRound round) =>
        [.. (await demo.House.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, $"{round.Dataset}/pairs.jsonl")).Select(pair => pair.PairId)];

    [Fact]
    public async Task A_cancelled_run_ends_the_round_under_way_and_begins_no_other()
    {
        var rounds = new RoundsRun(demo, "rounds-to-cancel");
        await rounds.StartAsync(Short with { Steps = 100_000, SaveEvery = 100_000 });
        var under = await rounds.UntilAsync("the first round trains", status => status.Metrics.Count > 0);
        Assert.Equal("round 1 of 3 trains and compares", under.Round?.ToString());
        (await demo.House.Http.DeleteAsync(rounds.Location)).EnsureSuccessStatusCode();
        var status = await rounds.EndAsync();

        Assert.Equal((RunStatus.Cancelled, "Round 1 of 3 was cancelled. The run was cancelled on request."), (status.Run.Status, status.Run.Failure));
        Assert.Null(status.Round);
        var round = Assert.Single(status.Run.Rounds!);
        Assert.Equal(RunStatus.Cancelled, (await demo.House.GetAsync<TrainingStatus>($"/api/training/{round.RunId}")).Run.Status);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_it_makes_pairs_trains_nothing()
    {
        var rounds = new RoundsRun(demo, "rounds-to-cancel-at-once");
        await rounds.StartAsync(Short);
        (await demo.House.Http.DeleteAsync(rounds.Location)).EnsureSuccessStatusCode();
        var status = await rounds.EndAsync();

        Assert.Equal((RunStatus.Cancelled, "The run was cancelled on request."), (status.Run.Status, status.Run.Failure));
        Assert.Null(status.Run.Rounds);
        Assert.Empty(status.Metrics);
    }

    /// <summary>The videos' published pairs and what stands of them in the lists.</summary>
    private async Task<IReadOnlyList<string>> OwnPairsAsync() =>
        [
            .. (await DemoRun.PairsOfAsync(demo.House, demo.Videos)).Select(pair => $"{pair.PairId} {pair.ModelId}@{pair.ModelRevision}"),
            .. (await demo.House.Catalog.ListAsync<PairEntry>(Catalog.Pairs)).Select(entry => $"{entry.PairId} {entry.Superseded}").Order(StringComparer.Ordinal),
        ];
}
