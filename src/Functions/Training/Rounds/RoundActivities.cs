using Microsoft.Azure.Functions.Worker;
using Tpo.Functions.Benchmarks;
using Tpo.Functions.Curation;
using Tpo.Functions.Training.Backends;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Rounds;

/// <summary>The steps of <see cref="TrainRounds"/>; each may run twice and then changes nothing.</summary>
public sealed class RoundActivities(
    TpoStorage storage, TrainingRuns runs, BenchmarkRuns benchmarks, VideoRecords videos, DatasetBuilder datasets, JobLookout lookout)
{
    private const string CancelledOnRequest = "The run was cancelled on request.";

    [Function(nameof(BeginRound))]
    public async Task<BegunRound> BeginRound([ActivityTrigger] RoundStep step, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(step.RunId, cancellation);
        var model = step.Round == 1 ? run.Request.BaseModel : run.Rounds![step.Round - 2].ModelId!;
        var card = await storage.TryReadJsonAsync<ModelCard>(Containers.Models, $"{model}/model.json", cancellation)
            ?? throw new InvalidOperationException($"There is no model '{model}' in the container '{Containers.Models}'.");
        await runs.PutAsync(run with { Status = RunStatus.PreparingData }, cancellation);
        return new BegunRound(run.Request.Rounds, model, card.Revision);
    }

    [Function(nameof(ListRoundVideos))]
    public async Task<string[]> ListRoundVideos([ActivityTrigger] RoundStep step, CancellationToken cancellation) =>
        [.. (await videos.ListAsync(cancellation)).Where(video => video.Status == VideoStatus.Curated).Select(video => video.VideoId!).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The round's dataset and its training run, which <see cref="TrainModel"/> takes as if somebody had asked for it.</summary>
    [Function(nameof(PlanRound))]
    public async Task<PlannedRound> PlanRound([ActivityTrigger] RoundMaterial material, CancellationToken cancellation)
    {
        var (step, child) = (material.Step, RoundNames.Run(material.Step.RunId, material.Step.Round));
        if (material.Pairs.Ends is { } why)
            return new PlannedRound(null, $"Round {step.Round} made no model: {why} What was answered is kept, and found again where the rounds are asked for once more.");
        if (await CancelledAsync(step.RunId, cancellation))
            return new PlannedRound(null, CancelledOnRequest);
        var parent = await runs.GetAsync(step.RunId, cancellation);
        var model = step.Round == 1 ? parent.Request.BaseModel : parent.Rounds![step.Round - 2].ModelId!;
        var pairs = await PairsAsync(child, cancellation);
        if (pairs.Count == 0)
            return new PlannedRound(null, $"Round {step.Round} has nothing to train on: the answers of {model} made no pair.{LeftOut(material.Pairs)}");
        try
        {
            var card = await datasets.BuildAsync(RoundNames.Dataset(parent.Request.Dataset, step.Round), new DatasetRecipe(new DatasetMix()), pairs, cancellation);
            var round = new TrainingRound(step.Round, child, model, $"{card.Name}/{card.Version}") { LeftOut = material.Pairs.LeftOut };
            if (await runs.FindAsync(child, cancellation) is null)
                await runs.PutAsync(runs.New(child, parent.Request with { BaseModel = model, Dataset = round.Dataset, Rounds = 1, Benchmark = true }) with
                {
                    RoundOf = new RoundOf(step.RunId, step.Round),
                }, cancellation);
            await runs.PutAsync(With(parent, round) with { Status = RunStatus.Training, Dataset = round.Dataset }, cancellation);
        }
        catch (DatasetException none)
        {
            return new PlannedRound(null, $"Round {step.Round} has nothing to train on. {none.Message}{LeftOut(material.Pairs)}");
        }
        // A request to end reads which round is under way after it has put itself down: one of the two sees the other.
        if (await CancelledAsync(step.RunId, cancellation))
            await lookout.CancelAsync(child, sentence: null, atPlatform: false, cancellation);
        return new PlannedRound(child, null);
    }

    /// <summary>What the round came to, and whether another one begins.</summary>
    [Function(nameof(CloseRound))]
    public async Task<RoundVerdict> CloseRound([ActivityTrigger] RoundStep step, CancellationToken cancellation)
    {
        var parent = await runs.GetAsync(step.RunId, cancellation);
        var child = await runs.GetAsync(RoundNames.Run(step.RunId, step.Round), cancellation);
        var benchmark = child.Benchmark is null ? null : await benchmarks.FindAsync(child.Benchmark, cancellation);
        var verdict = RoundRule.Decide(step.Round, parent.Request.Rounds, child, benchmark);
        var run = With(parent, parent.Rounds![step.Round - 1] with
        {
            ModelId = child.Result?.ModelId, Benchmark = child.Benchmark, Difference = benchmark?.Result?.Difference, Gate = benchmark?.Result?.Gate,
            Gain = verdict.Gain, Sentence = verdict.Sentence,
        });
        await runs.PutAsync(run with
        {
            Status = verdict.Ends ?? run.Status,
            Result = verdict.Gain == true ? child.Result : run.Result,
            Stopped = verdict.Ends == RunStatus.Succeeded ? verdict.Sentence : null,
            Failure = verdict.Ends is RunStatus.Failed or RunStatus.Cancelled ? verdict.Sentence : null,
        }, cancellation);
        return verdict;
    }

    /// <summary>The rounds cannot go on. Nobody waits any more for a round that is under way, so its job is to end as well.</summary>
    [Function(nameof(EndRounds))]
    public async Task<RunStatus> EndRounds([ActivityTrigger] RunFailure failure, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(failure.RunId, cancellation);
        var cancelled = await CancelledAsync(run.RunId, cancellation);
        if (run.Rounds is [.., var last] && await runs.FindAsync(last.RunId, cancellation) is { IsFinal: false } child)
        {
            if (await storage.ExistsAsync(Containers.Training, TrainingBlobs.Request(child.RunId), cancellation))
                await lookout.CancelAsync(child.RunId, failure.Sentence, atPlatform: true, cancellation);
            await runs.PutAsync(child with { Status = cancelled ? RunStatus.Cancelled : RunStatus.Failed, Failure = failure.Sentence }, cancellation);
        }
        var status = cancelled ? RunStatus.Cancelled : RunStatus.Failed;
        await runs.PutAsync(run with { Status = status, Failure = cancelled ? CancelledOnRequest : failure.Sentence }, cancellation);
        return status;
    }

    /// <summary>What the judge kept of the round's answers: these pairs and no others.</summary>
    private async Task<IReadOnlyList<PreferencePair>> PairsAsync(string roundRun, CancellationToken cancellation)
    {
        var pairs = new List<PreferencePair>();
        foreach (var videoId in await ListRoundVideos(new RoundStep(roundRun, 0), cancellation))
            if (await storage.TryReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Round(videoId, roundRun), cancellation) is { } manifest)
                pairs.AddRange((await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, manifest.Judged, cancellation)).Where(pair => pair.Verdict.Keep));
        return pairs;
    }

    private static string LeftOut(RoundPairs pairs) => pairs.LeftOut is [var first, ..] ? $" Videos were left out; the first: {first}" : "";

    private Task<bool> CancelledAsync(string runId, CancellationToken cancellation) =>
        storage.ExistsAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), cancellation);

    private static TrainingRun With(TrainingRun run, TrainingRound round) => run with { Rounds = [.. (run.Rounds ?? []).Take(round.Round - 1), round] };
}
