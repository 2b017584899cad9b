using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Costs;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Curation;

/// <summary>
/// The plan of a curated video with another model in it. Segments and frames are those of the curation, so that its captions and questions hold; where the model is
/// the one that answered then, it is that very plan, and its answers are found again.
/// </summary>
public sealed class PlanAgain(TpoStorage storage, Stage stage)
{
    private const string Version = "again@1";

    [Function(nameof(PlanAgain))]
    public Task<PlannedAgain> Run([ActivityTrigger] AnswerAgainTask task, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        if (await storage.ExistsAsync(Containers.Training, TrainingBlobs.CancelRequested(task.ParentRun), cancellation))
            return new PlannedAgain { Paused = "The run was cancelled on request." };
        if (await storage.TryReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(task.VideoId), cancellation) is not { } curated)
            return new PlannedAgain { Failure = "Its curation left no manifest: upload the video again." };
        var queries = await stage.ReadAsync<WrittenQueries>(curated.Queries, cancellation);
        var (blob, plan) = await PlanAsync(task, curated.Plan, cancellation);
        return new PlannedAgain
        {
            Blob = blob, Captions = [.. curated.Captions], Queries = curated.Queries, Views = [.. plan.AnsweredViews.Where(view => queries.For(view).Count > 0)],
        };
    });

    private async Task<(string Blob, CurationPlan Plan)> PlanAsync(AnswerAgainTask task, string former, CancellationToken cancellation)
    {
        var before = await stage.ReadAsync<CurationPlan>(former, cancellation);
        var preprocess = await ModelPreprocess.ReadAsync(storage, task.ModelId, cancellation);
        if ((before.ModelId, before.ModelRevision, before.Preprocess) == (task.ModelId, task.ModelRevision, preprocess))
            return (former, before);
        var inputs = new WorkInputs(("version", Version), ("plan", former), ("model", $"{task.ModelId}@{task.ModelRevision}"), ("preprocess", preprocess));
        var blob = CurationBlobs.Plan(task.VideoId, inputs.Hash);
        await stage.OnceAsync(
            new Unit(CostStage.Plan, task.VideoId, blob, inputs),
            () => Task.FromResult(before with { ModelId = task.ModelId, ModelRevision = task.ModelRevision, Preprocess = preprocess }), null, cancellation);
        return (blob, before);
    }
}
