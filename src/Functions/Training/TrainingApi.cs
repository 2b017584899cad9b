using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Tpo.Functions.Api;
using Tpo.Functions.Curation;
using Tpo.Functions.Training.Backends;
using Tpo.Functions.Training.Rounds;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <summary>`/api/training`: start, list, follow and cancel runs.</summary>
public sealed class TrainingApi(
    TrainingRuns runs, SameTraining same, BackendChoice backends, BenchmarkSuites suites, RemoteRoles remote, TpoStorage storage, Catalog catalog, TpoSettings settings)
{
    [Function("StartTraining")]
    [Description("Starts a training run, or with `rounds` curates, trains and compares round after round while the model gains; the answer's Location is its status. A repeated Idempotency-Key starts nothing twice.")]
    public async Task<IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "training")] HttpRequest http,
        [FromBody] TrainingRequest request, [DurableClient] DurableTaskClient durable, CancellationToken cancellation)
    {
        var errors = await ErrorsAsync(request, cancellation);
        if (errors.Count > 0)
            return Problems.Invalid([.. errors]);

        var runId = IdempotencyKey.RunId(http, "train");
        if (await runs.FindAsync(runId, cancellation) is not { } run)
        {
            if (!request.Force && await same.FindAsync(runId, request, durable, cancellation) is { } running)
                return Running(http, running);
            run = runs.New(runId, request);
            await runs.PutAsync(run, cancellation);
            if (!request.Force && await same.FindAsync(runId, request, durable, cancellation) is { } first)
            {
                await runs.PutAsync(run with { Status = RunStatus.Cancelled, Failure = $"It was not started: the run '{first.RunId}' does the same." }, cancellation);
                return Running(http, first);
            }
        }
        if (!run.IsFinal && await durable.GetInstanceAsync(runId, cancellation) is null)
            await durable.ScheduleNewOrchestrationInstanceAsync(request.Rounds > 1 ? nameof(TrainRounds) : nameof(TrainModel), runId, new StartOrchestrationOptions(runId), cancellation);
        return new AcceptedResult($"/api/training/{runId}", run);
    }

    /// <summary>Location is the run under way, so that a program need not read the sentence.</summary>
    private static IActionResult Running(HttpRequest http, TrainingRun run)
    {
        http.HttpContext.Response.Headers.Location = $"/api/training/{run.RunId}";
        return Problems.Conflict(
            $"The run '{run.RunId}' trains '{run.Request.BaseModel}' on '{run.Dataset ?? run.Request.Dataset}' already: follow /api/training/{run.RunId}, or give `force: true`.");
    }

    private async Task<List<(string Field, string Sentence)>> ErrorsAsync(TrainingRequest request, CancellationToken cancellation)
    {
        var errors = TrainingRules.Check(request, backends.Problem).ToList();
        if (errors.Count == 0 && request.Rounds > 1 && remote.Policy is not null)
            errors.Add(("rounds", "Each round's model answers the videos' questions itself, and here a model behind an endpoint does (Tpo__Models__Policy): unset that, or leave rounds out."));
        if (errors.Count == 0 && await catalog.FindAsync<ModelCard>(Catalog.Models, request.BaseModel, cancellation) is null)
            errors.Add(("baseModel", $"There is no model '{request.BaseModel}' (GET /api/models lists them)."));
        if (errors.Count == 0 && request.Dataset.Contains('/') && !await storage.ExistsAsync(Containers.Datasets, $"{request.Dataset}/dataset.json", cancellation))
            errors.Add(("dataset", $"There is no dataset version '{request.Dataset}' (GET /api/datasets lists them)."));
        if (errors.Count == 0 && (request.Benchmark || request.Rounds > 1) && await suites.TryLoadAsync(settings.TunedSuite, cancellation) is null)
        {
            var field = request.Rounds > 1 ? "rounds" : "benchmark";
            errors.Add((field, $"There is no suite '{settings.TunedSuite}' (setting Tpo__NightlySuite) to compare on: put it into the container '{Containers.Benchmarks}', or leave {field} out."));
        }
        return errors;
    }

    [Function("GetTrainingPresets")]
    [Description("The published runs' settings as bodies of POST /api/training, by name.")]
    public static IActionResult Presets([HttpTrigger(AuthorizationLevel.Function, "get", Route = "training-presets")] HttpRequest http) =>
        new OkObjectResult(TrainingPresets.All);

    [Function("ListTraining")]
    [Description("Lists training runs, newest first.")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "training")] HttpRequest http, CancellationToken cancellation) =>
        Api.Page<TrainingRun>.Of(await runs.ListAsync(cancellation), http);

    [Function("GetTraining")]
    [Description("One training run: its status, the job's last beat, its curve so far and a sentence a curve; of rounds the newest one's, and which is under way.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "training/{id}")] HttpRequest http, string id,
        [DurableClient] DurableTaskClient durable, CancellationToken cancellation) =>
        await runs.FindAsync(id, cancellation) is { } run
            ? new OkObjectResult(await runs.StatusAsync(run, cancellation) with { Round = await RoundProgress.OfAsync(run, durable, cancellation) })
            : Problems.NotFound($"There is no training run '{id}'.");

    [Function("GetTrainingLog")]
    [Description("The last lines that the run's job printed.")]
    public async Task<IActionResult> Log(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "training/{id}/log")] HttpRequest http, string id, CancellationToken cancellation) =>
        await runs.FindAsync(id, cancellation) is { } run
            ? new ContentResult { Content = await backends[run.Request.Backend].LogTailAsync(TrainingRuns.WithJob(run), cancellation), ContentType = "text/plain; charset=utf-8" }
            : Problems.NotFound($"There is no training run '{id}'.");

    [Function("CancelTraining")]
    [Description("Asks a running job to stop after its current step; of rounds, the round under way, and no other begins.")]
    public async Task<IActionResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "training/{id}")] HttpRequest http, string id, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
            return Problems.NotFound($"There is no training run '{id}'.");
        if (run.IsFinal)
            return Problems.Conflict($"The run '{id}' has ended already: {run.Status}.");
        await storage.WriteTextAsync(Containers.Training, TrainingBlobs.CancelRequested(id), "cancel", "text/plain", cancellation);
        // Read again: a round that was put down after the first look has seen the request, one before it has not.
        if ((await runs.GetAsync(id, cancellation)).Rounds is [.., { Sentence: null } round])
            await storage.WriteTextAsync(Containers.Training, TrainingBlobs.CancelRequested(round.RunId), "cancel", "text/plain", cancellation);
        return new AcceptedResult($"/api/training/{id}", run);
    }
}
