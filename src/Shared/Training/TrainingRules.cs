using Tpo.Shared.Models;
using Tpo.Shared.Preferences;

namespace Tpo.Shared.Training;

/// <summary>What a training request may ask for. Pure: the field's JSON name and a sentence for each thing that is wrong.</summary>
public static class TrainingRules
{
    public const int MostRounds = 10;
    /// <summary>What `-round-N` leaves of a dataset's name.</summary>
    private const int MostRoundsName = 54;

    /// <param name="backendProblem">what a backend lacks here, in a sentence; null = nothing</param>
    public static IReadOnlyList<(string Field, string Sentence)> Check(TrainingRequest request, Func<string, string?>? backendProblem = null)
    {
        var errors = new List<(string, string)>();
        Require(request.Steps is >= 1 and <= 100_000, "steps", "Give the number of optimiser steps, 1 to 100000.");
        Require(request.Epochs is null || (Positive(request.Epochs.Value) && request.Epochs <= 1000), "epochs", "Give a number above 0 and at most 1000, or leave it out.");
        Require(request.LoraRank is >= 0 and <= 1024, "loraRank", "Give the adapter's rank, 1 to 1024, or 0 to train projector and language model.");
        Require(request.LoraAlpha is null || (request.LoraRank > 0 && Positive(request.LoraAlpha.Value)), "loraAlpha", "Give a number above 0, and a loraRank; or leave it out.");
        Require(!request.TrainProjector || request.LoraRank > 0, "trainProjector", "Without an adapter the projector is trained anyway: give a loraRank, or leave it out.");
        Require(request.LabelMask is LabelMask.Answer or LabelMask.LongVa, "labelMask", "Give answer or longVa.");
        Require(Enum.IsDefined(request.ComputeType), "computeType", "Give float32 or bfloat16.");
        Require(request.BatchSize is >= 1 and <= 1024, "batchSize", "Give the pairs a step, 1 to 1024.");
        Require(Positive(request.LearningRate) && request.LearningRate <= 1, "learningRate", "Give a number above 0 and at most 1.");
        Require(request.WarmupRatio is >= 0 and <= 1, "warmupRatio", "Give a share of the steps, 0 to 1.");
        Require(Positive(request.Beta), "beta", "Give a number above 0 (the paper uses 0.2 and 0.3).");
        Require(request.DpoWeight >= 0 && double.IsFinite(request.DpoWeight), "dpoWeight", "Give a number of at least 0.");
        Require(request.SftWeight >= 0 && double.IsFinite(request.SftWeight), "sftWeight", "Give a number of at least 0 (the paper's alpha).");
        Require(request.DpoWeight + request.SftWeight > 0, "dpoWeight", "With sftWeight 0 as well there is nothing to train on.");
        Require(Enum.IsDefined(request.LossForm), "lossForm", "Give sigmoid, ipo or hinge.");
        Require(Enum.IsDefined(request.SftForm), "sftForm", "Give tokenMean or answerSum.");
        Require(request.LabelSmoothing is >= 0 and < 0.5, "labelSmoothing", "Give a share of at least 0 and below 0.5: from there on the rejected answer would be preferred.");
        Require(request.LabelSmoothing == 0 || request.LossForm == PreferenceForm.Sigmoid, "labelSmoothing", "Only lossForm sigmoid is smoothed; leave it out.");
        Require(request.WeightDecay is >= 0 and < 1, "weightDecay", "Give a number of at least 0 and below 1 (the published runs use 0).");
        Require(Positive(request.MaxGradientNorm), "maxGradientNorm", "Give a number above 0 (the published runs use 1).");
        Require(request.FramesPerVideo is >= 1 and <= 256, "framesPerVideo", "Give the frames a video is sampled to, 1 to 256.");
        Require(request.SaveEvery >= 1, "saveEvery", "Give the steps between checkpoints, at least 1.");
        Require(request.EvaluateEvery >= 0, "evaluateEvery", "Give the steps between looks at the held-out pairs, or 0 for none.");
        Require(request.MostChosenDrop is >= 0 and <= 10, "mostChosenDrop", "Give a share of at least 0, such as 0.1.");
        Require(request.MostChosenDrop == 0 || request.EvaluateEvery > 0, "evaluateEvery", "With mostChosenDrop the held-out pairs must be looked at: give the steps between.");
        Require(IsName(request.BaseModel), "baseModel", "Give the id of a registered model (GET /api/models lists them).");
        Require(request.Dataset?.Split('/') is { Length: 1 or 2 } parts && parts.All(IsName), "dataset", "Give `name` or `name/version` of letters, digits, '-', '_' and '.'.");
        Require(TrainingBackends.All.Contains(request.Backend), "backend", $"Give one of {string.Join(", ", TrainingBackends.All)}.");
        Require(request.Budget is null || (Positive(request.Budget.MaxHours) && request.Budget.MaxHours <= 10_000), "budget", "Give maxHours, a number above 0 and at most 10000, or leave the budget out.");
        Require(request.Rounds is >= 1 and <= MostRounds, "rounds", $"Give the greatest number of rounds, 1 to {MostRounds}.");
        Require(request.Rounds == 1 || request.Dataset?.Contains('/') != true, "dataset", "Each round makes pairs of its own: with rounds give a dataset's name alone, not `name/version`.");
        Require(request.Rounds is < 2 or > MostRounds || request.Dataset?.Contains('/') == true || DatasetBuilder.IsName(RoundNames.Dataset(request.Dataset ?? "", request.Rounds)), "dataset",
            $"Each round makes a dataset `name-round-N`: with rounds give a name of at most {MostRoundsName} lower-case letters, digits and dashes, beginning with a letter or digit.");
        if (errors.All(error => error.Item1 != "backend") && backendProblem?.Invoke(request.Backend) is { } problem)
            errors.Add(("backend", $"The backend '{request.Backend}' is not configured. {problem}"));
        return errors;

        void Require(bool holds, string field, string sentence)
        {
            if (!holds)
                errors.Add((field, sentence));
        }
    }

    private static bool Positive(double number) => double.IsFinite(number) && number > 0;

    /// <summary>Names that are safe as one blob path segment.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= 100 } && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
