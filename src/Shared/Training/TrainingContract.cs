using System.Text.Json.Serialization;
using Tpo.Shared.Models;

namespace Tpo.Shared.Training;

/// <summary>What `POST /api/training` takes; absent fields take these defaults. Blob: `training/{runId}/request.json`.</summary>
public sealed record TrainingRequest
{
    public int SchemaVersion { get; init; } = 1;
    public string BaseModel { get; init; } = "tpo-nano";
    /// <summary>`name` or `name/version`; a name alone, or none, builds a new version from all kept pairs.</summary>
    public string Dataset { get; init; } = "default";
    /// <summary>Optimiser steps; where epochs are given, as many as those need.</summary>
    public int Steps { get; init; } = 12;
    /// <summary>How often each pair is seen; null = the steps decide.</summary>
    public double? Epochs { get; init; }
    public int BatchSize { get; init; } = 4;
    public double LearningRate { get; init; } = 1e-4;
    public double WarmupRatio { get; init; } = 0.1;
    /// <summary>β of DPO.</summary>
    public double Beta { get; init; } = 0.1;
    public double DpoWeight { get; init; } = 1.0;
    /// <summary>The paper's α.</summary>
    public double SftWeight { get; init; } = 0.5;
    public PreferenceForm LossForm { get; init; } = PreferenceForm.Sigmoid;
    public SftForm SftForm { get; init; } = SftForm.TokenMean;
    public double LabelSmoothing { get; init; }
    public bool LengthNormalised { get; init; }
    public bool ReferenceFree { get; init; }
    /// <summary>AdamW's, decoupled.</summary>
    public double WeightDecay { get; init; }
    /// <summary>Gradients are scaled down to this norm where theirs is greater.</summary>
    public double MaxGradientNorm { get; init; } = 1;
    /// <summary>r of an adapter on every linear layer of the language model, which alone is trained; 0 = the projector and the language model are.</summary>
    public int LoraRank { get; init; }
    /// <summary>The adapter's change is scaled by α / r; null = 2 r.</summary>
    public double? LoraAlpha { get; init; }
    /// <summary>With an adapter: the projector is trained beside it.</summary>
    public bool TrainProjector { get; init; }
    /// <summary>Which tokens are scored: the answers and their end marks, or with LongVA's mask the turn marks of the prompt too, as its trainer did.</summary>
    public LabelMask LabelMask { get; init; } = LabelMask.Answer;
    /// <summary>Layers are computed again on the way back: little memory for a third more time.</summary>
    public bool Recompute { get; init; }
    /// <summary>What the model computes in. Trained weights and the optimiser's moments are f32 in any case.</summary>
    public ComputeType ComputeType { get; init; } = ComputeType.Float32;
    /// <summary>Trained weights' f32 masters and the optimiser's moments lie in the machine's memory, not the GPU's.</summary>
    public bool OffloadOptimizer { get; init; }
    public int FramesPerVideo { get; init; } = 16;
    public int Seed { get; init; } = 7;
    public int SaveEvery { get; init; } = 4;
    /// <summary>After so many steps each the held-out pairs are scored (datasets with `heldOutPercent` have some); 0 = never.</summary>
    public int EvaluateEvery { get; init; }
    /// <summary>Training ends where the held-out chosen answers' log-probability has fallen by more than this share of the start's; 0 = it never does.</summary>
    public double MostChosenDrop { get; init; }
    /// <summary>Where the job runs (<see cref="TrainingBackends"/>).</summary>
    public string Backend { get; init; } = TrainingBackends.Process;
    /// <summary>What may be spent on the job; null = no bound.</summary>
    public TrainingBudget? Budget { get; init; }
    /// <summary>Starts the run although one on the same pairs and base model is under way.</summary>
    public bool Force { get; init; }
    /// <summary>After the training the tuned model is compared with its base on the nightly suite.</summary>
    public bool Benchmark { get; init; }
    /// <summary>
    /// So often at most: the videos' questions are answered anew by the newest model, it is trained on the pairs that come of it, and compared with the model that it was
    /// before. It ends where a round brings no gain (<see cref="RoundRule"/>). 1 = one training on the pairs that are there.
    /// </summary>
    public int Rounds { get; init; } = 1;

    [JsonIgnore]
    public double AdapterAlpha => LoraAlpha ?? 2 * LoraRank;

    /// <summary>As many as the epochs need, so that each of so many pairs is seen that often; the last step's batch may reach into the next epoch.</summary>
    public int StepsFor(int pairs) => Epochs is { } epochs ? Math.Max(1, (int)Math.Ceiling(epochs * pairs / BatchSize)) : Steps;

    public LossOptions Loss() => new(Beta, DpoWeight, SftWeight)
    {
        Form = LossForm, Sft = SftForm, LabelSmoothing = LabelSmoothing, LengthNormalised = LengthNormalised, ReferenceFree = ReferenceFree,
    };
}

/// <summary>The type of weights and activations while they compute.</summary>
public enum ComputeType { Float32, Bfloat16 }

/// <summary>One line of `training/{runId}/metrics.jsonl`, under the names that TRL's trainers log; the same go to `tensorboard/`.</summary>
public sealed record TrainingMetrics
{
    [JsonPropertyName("step")] public required int Step { get; init; }
    [JsonPropertyName("loss")] public required double Loss { get; init; }
    [JsonPropertyName("dpo_loss")] public required double DpoLoss { get; init; }
    /// <summary>L_SFT, not weighted.</summary>
    [JsonPropertyName("nll_loss")] public required double SftLoss { get; init; }
    [JsonPropertyName("rewards/chosen")] public required double RewardChosen { get; init; }
    [JsonPropertyName("rewards/rejected")] public required double RewardRejected { get; init; }
    /// <summary>Share of pairs whose chosen answer has the greater reward.</summary>
    [JsonPropertyName("rewards/accuracies")] public required double RewardAccuracy { get; init; }
    [JsonPropertyName("rewards/margins")] public required double Margin { get; init; }
    /// <summary>Mean over pairs of the answers' summed log-probabilities.</summary>
    [JsonPropertyName("logps/chosen")] public required double LogProbChosen { get; init; }
    [JsonPropertyName("logps/rejected")] public required double LogProbRejected { get; init; }
    /// <summary>Before it is clipped.</summary>
    [JsonPropertyName("grad_norm")] public required double GradientNorm { get; init; }
    [JsonPropertyName("learning_rate")] public required double LearningRate { get; init; }
    /// <summary>The same numbers over the held-out pairs, after the step; null where they were not scored.</summary>
    [JsonPropertyName("eval_rewards/accuracies")] public double? HeldOutAccuracy { get; init; }
    [JsonPropertyName("eval_rewards/margins")] public double? HeldOutMargin { get; init; }
    [JsonPropertyName("eval_logps/chosen")] public double? HeldOutLogProbChosen { get; init; }
    [JsonPropertyName("seconds")] public double Seconds { get; init; }
    /// <summary>Rows of the model a second, the video's among them, each pair's shared prefix once.</summary>
    [JsonPropertyName("tokens_per_second")] public double TokensPerSecond { get; init; }
    /// <summary>Resident memory of the job.</summary>
    [JsonPropertyName("memory_mb")] public double MemoryMegabytes { get; init; }

    /// <summary>The row as two runs of the same training must both have it.</summary>
    public TrainingMetrics WithoutCircumstances() => this with { Seconds = 0, TokensPerSecond = 0, MemoryMegabytes = 0 };
}

public enum JobPhase { Starting, Running, Succeeded, Failed, Cancelled }

/// <summary>The job's beat. Blob: `training/{runId}/progress.json`, rewritten every few seconds while the job lives.</summary>
public sealed record TrainingProgress(JobPhase Phase, int Step, int Steps, double? Loss, DateTimeOffset Beat, string? Message = null);

/// <summary>What a finished job leaves. Blob: `training/{runId}/result.json`; the weights lie in `models/{ModelId}/`.</summary>
public sealed record TrainingResult(
    string RunId, string ModelId, string BaseModel, string Dataset, int Pairs, int Steps, double FirstDpoLoss, double LastDpoLoss,
    string BaseWeightsSha256, string WeightsSha256, double Seconds)
{
    public IReadOnlyList<SkippedVideo> Skipped { get; init; } = [];
    /// <summary>Why it ended before its last step; null where it did not.</summary>
    public string? StoppedEarly { get; init; }
}

/// <summary>A video that could not be read, so that its pairs were not trained on.</summary>
public sealed record SkippedVideo(string VideoBlob, int Pairs, string Reason);

/// <summary>Blob names of one run inside the `training` container.</summary>
public static class TrainingBlobs
{
    public static string Request(string runId) => $"{runId}/request.json";
    public static string Progress(string runId) => $"{runId}/progress.json";
    public static string Metrics(string runId) => $"{runId}/metrics.jsonl";
    public static string Events(string runId) => $"{runId}/tensorboard/events.out.tfevents.{runId}";
    public static string Result(string runId) => $"{runId}/result.json";
    public static string Lease(string runId) => $"{runId}/lease";
    public static string CancelRequested(string runId) => $"{runId}/cancel";
    public static string Log(string runId) => $"{runId}/log.txt";
    public static string Backend(string runId) => $"{runId}/backend.json";
    public static string Checkpoint(string runId, string file) => $"{runId}/checkpoints/{file}";
}
