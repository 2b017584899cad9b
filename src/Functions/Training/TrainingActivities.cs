using Microsoft.Azure.Functions.Worker;
using Tpo.Functions.Training.Backends;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <summary>The steps of <see cref="TrainModel"/>; each may run twice and then changes nothing.</summary>
public sealed class TrainingActivities(
    TpoStorage storage, Catalog catalog, TrainingRuns runs, ProcessJob jobs, JobLookout lookout, DatasetBuilder datasets, TpoSettings settings)
{
    [Function(nameof(PrepareDataset))]
    public async Task<PreparedTraining> PrepareDataset([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(runId, cancellation);
        var dataset = run.Request.Dataset.Contains('/')
            ? run.Request.Dataset
            : await BuildAsync(run.Request.Dataset, cancellation);
        var request = run.Request with { Dataset = dataset, Steps = await StepsAsync(run.Request, dataset, cancellation) };
        await storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Request(runId), request, cancellation);
        await runs.PutAsync(run with { Status = RunStatus.Training, Dataset = dataset, Request = run.Request with { Steps = request.Steps } }, cancellation);
        return new PreparedTraining(run.Request.Benchmark);
    }

    private async Task<int> StepsAsync(TrainingRequest request, string dataset, CancellationToken cancellation) => request.Epochs is null
        ? request.Steps
        : request.StepsFor((await storage.ReadJsonAsync<DatasetCard>(Containers.Datasets, $"{dataset}/dataset.json", cancellation)).Pairs);

    private async Task<string> BuildAsync(string name, CancellationToken cancellation)
    {
        var card = await datasets.BuildAsync(name, new DatasetRecipe(new DatasetMix()), cancellation);
        return $"{card.Name}/{card.Version}";
    }

    [Function(nameof(StartJob))]
    public Task StartJob([ActivityTrigger] string runId, CancellationToken cancellation) => lookout.StartAsync(runId, cancellation);

    [Function(nameof(LookAtJob))]
    public Task<JobSighting> LookAtJob([ActivityTrigger] string runId, CancellationToken cancellation) => lookout.SeeAsync(runId, cancellation);

    [Function(nameof(EndJob))]
    public Task EndJob([ActivityTrigger] JobEnd end, CancellationToken cancellation) =>
        lookout.CancelAsync(end.RunId, end.Sentence, end.AtPlatform, cancellation);

    [Function(nameof(ExportTuned))]
    public async Task ExportTuned([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var result = await ResultAsync(runId, cancellation);
        var run = await runs.GetAsync(runId, cancellation);
        await runs.PutAsync(run with { Status = RunStatus.Exporting, Result = result }, cancellation);
        var folder = Path.Combine(settings.WorkFolder, "export", result.ModelId);
        await storage.DownloadFolderAsync(Containers.Models, $"{result.ModelId}/", folder, cancellation: cancellation);
        await jobs.ExportAsync(folder, cancellation);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "onnx")))
            await storage.UploadFileAsync(Containers.Models, $"{result.ModelId}/onnx/{Path.GetFileName(file)}", file, cancellation);
        Directory.Delete(folder, recursive: true);
    }

    [Function(nameof(RegisterTuned))]
    public async Task<RunStatus> RegisterTuned([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var result = await ResultAsync(runId, cancellation);
        var card = await storage.ReadJsonAsync<ModelCard>(Containers.Models, $"{result.ModelId}/model.json", cancellation);
        await catalog.PutAsync(Catalog.Models, card.ModelId, card, cancellation);
        return await CloseAsync(runId, RunStatus.Succeeded, failure: null, result, cancellation);
    }

    [Function(nameof(CloseUnfinished))]
    public async Task<RunStatus> CloseUnfinished([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var progress = await storage.ReadJsonAsync<TrainingProgress>(Containers.Training, TrainingBlobs.Progress(runId), cancellation);
        var status = progress.Phase == JobPhase.Cancelled ? RunStatus.Cancelled : RunStatus.Failed;
        var why = status == RunStatus.Cancelled ? await lookout.WhyCancelledAsync(runId, cancellation) : null;
        return await CloseAsync(runId, status, why ?? progress.Message ?? $"The job ended in phase {progress.Phase} and left no message.", result: null, cancellation);
    }

    [Function(nameof(RecordFailure))]
    public async Task<RunStatus> RecordFailure([ActivityTrigger] RunFailure failure, CancellationToken cancellation)
    {
        await lookout.LetGoAsync(failure.RunId, cancellation);
        return await CloseAsync(failure.RunId, RunStatus.Failed, failure.Sentence, result: null, cancellation);
    }

    private async Task<RunStatus> CloseAsync(string runId, RunStatus status, string? failure, TrainingResult? result, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(runId, cancellation);
        await runs.PutAsync(run with { Status = status, Failure = failure, Result = result ?? run.Result }, cancellation);
        return status;
    }

    private Task<TrainingResult> ResultAsync(string runId, CancellationToken cancellation) =>
        storage.ReadJsonAsync<TrainingResult>(Containers.Training, TrainingBlobs.Result(runId), cancellation);
}
