using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>How a run ended, failures aside.</summary>
public enum RunEnd { Succeeded, Cancelled, Stopped }

/// <summary>The training, top to bottom: load, look at the videos, score the reference, resume, step, save, publish.</summary>
public sealed class TrainingRunner(TpoStorage storage, TpoSettings settings, string runId, RunReporter reporter, string scratch)
{
    /// <param name="pleaseStop">asks for an end after the current step, with a checkpoint</param>
    /// <param name="lost">the run may belong to another process: not one more blob may be written</param>
    /// <exception cref="OperationCanceledException">The lease was lost, or a stop was asked for before there was anything to save.</exception>
    public async Task<RunEnd> RunAsync(CancellationToken pleaseStop, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pleaseStop, lost);
        CancellationToken stop = either.Token;
        if (await storage.TryReadJsonAsync<TrainingResult>(Containers.Training, TrainingBlobs.Result(runId), stop) is { } earlier)
        {
            reporter.Say(JobPhase.Succeeded, earlier.Steps, earlier.Steps);
            return RunEnd.Succeeded;
        }
        var request = await storage.ReadJsonAsync<TrainingRequest>(Containers.Training, TrainingBlobs.Request(runId), stop);
        reporter.Say(JobPhase.Starting, 0, request.Steps, message: "Loading the base model and the pairs.");

        var publisher = new ModelPublisher(storage, runId, request);
        string baseFolder = await publisher.DownloadBaseAsync(Path.Combine(scratch, "base"), stop);
        RunOutline outline = await TrainingRoom.RequireAsync(storage, request, baseFolder, reporter.Log, stop);
        using LlavaQwenForCausalLM model = Checkpoint.Load(baseFolder, request.ComputeType == ComputeType.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32);
        model.MoveTo(cuda.is_available() ? CUDA : CPU);
        using LoraAdapter? adapter = request.LoraRank > 0 ? new LoraAdapter(model, request.LoraRank, request.AdapterAlpha, request.Seed) : null;
        using var trainer = new PreferenceTrainer(model, new TrainerOptions(request.Loss(), request.WeightDecay, request.MaxGradientNorm, request.TrainProjector, request.OffloadOptimizer), adapter,
            request.Recompute ? PairForwards.Recomputed : PairForwards.Shared);

        var data = new TrainingData(storage, settings, runId, request, reporter, scratch);
        if (!await data.LoadAsync(outline, model, trainer, baseFolder, stop))
            return RunEnd.Cancelled;

        var checkpoints = new TrainingCheckpoints(storage, runId, Path.Combine(scratch, "checkpoints"));
        CheckpointPointer? newest = await checkpoints.FindNewestAsync(stop);
        if (newest is not null)
            await checkpoints.RestoreAsync(newest, trainer, stop);
        int first = newest?.NextStep ?? 0;
        await reporter.ResumeMetricsAsync(first, stop);
        reporter.Log(first == 0 ? $"Training on {data.PairCount} pairs, {request.Steps} steps." : $"Resuming at step {first} of {request.Steps}.");

        string? stoppedEarly = EarlyStop.Reason(reporter.Metrics, data.HeldOut, request.MostChosenDrop);
        for (int step = first; step < request.Steps && stoppedEarly is null; step++)
        {
            if (await storage.ExistsAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), lost))
                return RunEnd.Cancelled;
            if (pleaseStop.IsCancellationRequested)
            {
                if (newest?.NextStep != step)
                    await checkpoints.SaveAsync(step, trainer, lost);
                return RunEnd.Stopped;
            }
            double rate = LearningRate.At(step, request.Steps, request.LearningRate, request.WarmupRatio);
            using TrainingBatch batch = await data.BatchAsync(step, lost);
            TrainingMetrics row = trainer.Step(step, batch.Pairs, rate);
            if (request.EvaluateEvery > 0 && (step + 1) % request.EvaluateEvery == 0)
            {
                (double accuracy, double margin, double chosen) = await data.EvaluateAsync(trainer, lost);
                row = row with { HeldOutAccuracy = accuracy, HeldOutMargin = margin, HeldOutLogProbChosen = chosen };
                reporter.Log($"step {step}: held out: accuracy {accuracy:P0}, margin {margin:F4}, log-probability of chosen {chosen:F3}");
            }
            lost.ThrowIfCancellationRequested();
            await reporter.AddMetricsAsync(row, lost);
            reporter.Say(JobPhase.Running, step + 1, request.Steps, row.Loss);
            stoppedEarly = EarlyStop.Reason([row], data.HeldOut, request.MostChosenDrop);
            reporter.Log($"step {step}: loss {row.Loss:F4}, dpo {row.DpoLoss:F4}, sft {row.SftLoss:F4}, margin {row.Margin:F4}, norm {row.GradientNorm:F3}, {row.Seconds:F2} s");
            if ((step + 1) % request.SaveEvery == 0 || step + 1 == request.Steps || stoppedEarly is not null)
            {
                newest = await checkpoints.SaveAsync(step + 1, trainer, lost);
                await reporter.WriteEventsAsync(lost);
            }
        }
        await publisher.PublishAsync(model, adapter, trainer, baseFolder, Path.Combine(scratch, "tuned"), data, reporter.Metrics, stoppedEarly, lost);
        return RunEnd.Succeeded;
    }
}
