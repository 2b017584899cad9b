using System.Diagnostics;
using Tpo.GpuJob.Model;
using Tpo.Shared.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>log ρ of both answers under the frozen start, summed over their tokens.</summary>
public sealed record ReferenceLogProbs(double Chosen, double Rejected);

/// <summary>One pair ready for the model.</summary>
/// <param name="Patches">the video's tower output [F, P, v], shared by all pairs of one video</param>
/// <param name="Sequence">prompt with video and question as the prefix, then two branches: chosen, rejected</param>
public sealed record TrainingPair(string PairId, Tensor Patches, BranchedSequence Sequence)
{
    public int ChosenTokens => Sequence.Branches[0].Answer.Length;
}

/// <summary>What the objective and the optimiser are told besides the rate.</summary>
public sealed record TrainerOptions(double Beta, double DpoWeight, double SftWeight, double LabelSmoothing = 0, double WeightDecay = 0, double MaxGradientNorm = 1);

/// <summary>
/// One optimiser step of preference training over the projector and the language model; the vision tower is frozen. A pair is one forward and
/// one backward pass over a row in which both answers share the prompt, so the gradients of both flow through one visual prefix.
/// </summary>
public sealed class PreferenceTrainer : IDisposable
{
    private readonly LlavaQwenForCausalLM _model;
    private readonly TrainerOptions _options;
    private readonly IReadOnlyList<Parameter> _parameters;

    public PreferenceTrainer(LlavaQwenForCausalLM model, TrainerOptions options)
    {
        (_model, _options) = (model, options);
        model.FreezeVisionTower();
        _parameters = [.. model.TrainableParameters().Select(entry => entry.Parameter)];
        Optimizer = optim.AdamW(_parameters, lr: 0, weight_decay: options.WeightDecay);
    }

    public AdamW Optimizer { get; }

    /// <summary>Scores a pair without training; called with the start's weights it is the reference.</summary>
    public ReferenceLogProbs Score(TrainingPair pair)
    {
        ComputeThreads.Use();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Tensor sums = SharedPrefixBatch.SumByBranch(pair.Sequence, TokenLogProbs(pair));
        return new ReferenceLogProbs(sums.select(0, 0).item<float>(), sums.select(0, 1).item<float>());
    }

    /// <summary>Gradients of all pairs, clipped to the greatest norm, one step of AdamW at the given rate.</summary>
    public TrainingMetrics Step(int step, IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> batch, double learningRate)
    {
        ComputeThreads.Use();
        var clock = Stopwatch.StartNew();
        Optimizer.zero_grad();
        long chosenTokens = batch.Sum(item => (long)item.Pair.ChosenTokens);
        PairTerms[] terms = [.. batch.Select(item => Accumulate(item.Pair, item.Reference, batch.Count, chosenTokens))];

        using var scope = NewDisposeScope();
        double norm = nn.utils.clip_grad_norm_(_parameters, _options.MaxGradientNorm);
        (double dpo, double sft) = (terms.Average(pair => pair.Dpo), terms.Sum(pair => pair.SftShare));
        double loss = _options.DpoWeight * dpo + _options.SftWeight * sft;
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
            throw new InvalidOperationException(
                $"Step {step} diverged (loss {loss}, gradient norm {norm}): the weights are not saved. Start again with a smaller learningRate.");
        foreach (optim.ILearningRateController group in Optimizer.ParamGroups)
            group.LearningRate = learningRate;
        Optimizer.step();
        return new TrainingMetrics(
            step, loss, dpo, sft, terms.Average(pair => pair.RewardChosen), terms.Average(pair => pair.RewardRejected),
            terms.Average(pair => pair.RewardChosen > pair.RewardRejected ? 1.0 : 0.0),
            terms.Average(pair => pair.RewardChosen - pair.RewardRejected), norm, learningRate, clock.Elapsed.TotalSeconds);
    }

    public void Dispose() => Optimizer.Dispose();

    /// <summary>Adds this pair's share of the step's gradient.</summary>
    private PairTerms Accumulate(TrainingPair pair, ReferenceLogProbs reference, int pairs, long chosenTokens)
    {
        using var scope = NewDisposeScope();
        Tensor tokens = TokenLogProbs(pair);
        Tensor sums = SharedPrefixBatch.SumByBranch(pair.Sequence, tokens);
        (Tensor dpo, Tensor chosen, Tensor rejected) = PreferenceLoss.Dpo(
            sums.narrow(0, 0, 1), sums.narrow(0, 1, 1), Constant(reference.Chosen), Constant(reference.Rejected), _options.Beta, _options.LabelSmoothing);
        Tensor sft = PreferenceLoss.Sft(tokens.narrow(0, 0, pair.ChosenTokens), chosenTokens);
        Tensor loss = dpo.sum() * (_options.DpoWeight / pairs) + sft * _options.SftWeight;
        loss.backward();
        return new PairTerms(dpo.sum().item<float>(), sft.item<float>(), chosen.sum().item<float>(), rejected.sum().item<float>());
    }

    private Tensor TokenLogProbs(TrainingPair pair)
    {
        Tensor video = _model.ProjectFrames(pair.Patches);
        return SharedPrefixBatch.TokenLogProbs(_model, [pair.Sequence], [video])[0];
    }

    private Tensor Constant(double value) => tensor(new float[] { (float)value }).to(_model.Device);

    private sealed record PairTerms(double Dpo, double SftShare, double RewardChosen, double RewardRejected);
}
