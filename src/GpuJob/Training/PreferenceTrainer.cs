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
    /// <summary>Scored tokens of the chosen answer, the prompt's scored ones included.</summary>
    public int ChosenTokens => Sequence.SharedTargets + Sequence.Branches[0].Answer.Length;

    /// <summary>The same of the rejected answer.</summary>
    public int RejectedTokens => Sequence.SharedTargets + Sequence.Branches[1].Answer.Length;
}

/// <summary>What the objective and the optimiser are told besides the rate.</summary>
/// <param name="TrainProjector">with an adapter: the projector too</param>
/// <param name="OffloadOptimizer">what the optimiser changes lies in the machine's memory</param>
public sealed record TrainerOptions(LossOptions Loss, double WeightDecay = 0, double MaxGradientNorm = 1, bool TrainProjector = false, bool OffloadOptimizer = false);

/// <summary>One pair's numbers in one step: log π of both answers, its DPO loss, its share of the step's SFT loss, its rewards.</summary>
public sealed record PairTerms(double LogProbChosen, double LogProbRejected, double Dpo, double SftShare, double RewardChosen, double RewardRejected);

/// <summary>
/// One optimiser step of preference training over the projector and the language model, or over an adapter alone; the vision tower is frozen.
/// A pair is one forward and one backward pass over a row in which both answers share the prompt, so the gradients of both flow through
/// one visual prefix.
/// </summary>
public sealed class PreferenceTrainer : IDisposable
{
    private readonly LlavaQwenForCausalLM _model;
    private readonly TrainerOptions _options;
    private readonly LoraAdapter? _adapter;
    private readonly PairForward _forward;
    private readonly MasterWeights _masters;
    private readonly IReadOnlyList<Parameter> _parameters;

    /// <summary>What is trained, by name, in a fixed order; f32 at least.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Trained => _masters.All;

    /// <param name="adapter">the model's adapter, where only that is trained, and what else of the model wants a gradient (<see cref="TrainerOptions.TrainProjector"/>)</param>
    /// <param name="forward">how a pair goes through the model; null = both answers behind one prefix</param>
    public PreferenceTrainer(LlavaQwenForCausalLM model, TrainerOptions options, LoraAdapter? adapter = null, PairForward? forward = null)
    {
        (_model, _options, _adapter, _forward) = (model, options, adapter, forward ?? PairForwards.Shared);
        model.FreezeVisionTower();
        if (adapter is not null && options.TrainProjector)
            model.UnfreezeProjector();
        _masters = new MasterWeights([.. adapter?.Parameters() ?? [], .. model.TrainableParameters()], options.OffloadOptimizer);
        _parameters = [.. Trained.Select(entry => entry.Parameter)];
        Optimizer = optim.AdamW(_parameters, lr: 0, weight_decay: options.WeightDecay);
    }

    public AdamW Optimizer { get; }

    /// <summary>
    /// Scores a pair without training. It is the reference: at any time where an adapter alone is trained, for that is switched off meanwhile;
    /// else as long as the model has the start's weights.
    /// </summary>
    public ReferenceLogProbs Score(TrainingPair pair)
    {
        ComputeThreads.Use();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        using var reference = new AdapterOff(_adapter);
        Tensor sums = _forward(_model, pair).LogProbs;
        return new ReferenceLogProbs(sums.select(0, 0).item<double>(), sums.select(0, 1).item<double>());
    }

    /// <summary>How the model stands to a pair that it does not learn from: the reward margin, and the chosen answer's log-probability.</summary>
    public (double Margin, double LogProbChosen) Stand(TrainingPair pair, ReferenceLogProbs reference)
    {
        ComputeThreads.Use();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Tensor sums = _forward(_model, pair).LogProbs;
        (double chosen, double rejected) = (sums.select(0, 0).item<double>(), sums.select(0, 1).item<double>());
        return (_options.Loss.Beta * (chosen - reference.Chosen - rejected + reference.Rejected), chosen);
    }

    /// <summary>Gradients of all pairs, clipped to the greatest norm, one step of AdamW at the given rate.</summary>
    public TrainingMetrics Step(int step, IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> batch, double learningRate)
    {
        var clock = Stopwatch.StartNew();
        TrainingMetrics metrics = Finish(step, Backward(batch), learningRate);
        double seconds = clock.Elapsed.TotalSeconds;
        return metrics with
        {
            Seconds = seconds, TokensPerSecond = batch.Sum(item => item.Pair.Sequence.Length) / seconds, MemoryMegabytes = Environment.WorkingSet / 1e6,
        };
    }

    /// <summary>The first half of a step: every trained parameter's gradient is that of the batch's loss, not clipped yet.</summary>
    public IReadOnlyList<PairTerms> Backward(IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> batch)
    {
        ComputeThreads.Use();
        Optimizer.zero_grad();
        long chosenTokens = batch.Sum(item => (long)item.Pair.ChosenTokens);
        return [.. batch.Select(item => Accumulate(item.Pair, item.Reference, batch.Count, chosenTokens))];
    }

    /// <summary>The second half: clips the gradients, changes the parameters.</summary>
    public TrainingMetrics Finish(int step, IReadOnlyList<PairTerms> terms, double learningRate)
    {
        using var scope = NewDisposeScope();
        double norm = nn.utils.clip_grad_norm_(_parameters, _options.MaxGradientNorm);
        (double dpo, double sft) = (terms.Average(pair => pair.Dpo), terms.Sum(pair => pair.SftShare));
        double loss = _options.Loss.DpoWeight * dpo + _options.Loss.SftWeight * sft;
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
            throw new InvalidOperationException(
                $"Step {step} diverged (loss {loss}, gradient norm {norm}): the weights are not saved. Start again with a smaller learningRate.");
        foreach (optim.ILearningRateController group in Optimizer.ParamGroups)
            group.LearningRate = learningRate;
        Optimizer.step();
        _masters.Apply();
        return new TrainingMetrics
        {
            Step = step,
            Loss = loss,
            DpoLoss = dpo,
            SftLoss = sft,
            RewardChosen = terms.Average(pair => pair.RewardChosen),
            RewardRejected = terms.Average(pair => pair.RewardRejected),
            RewardAccuracy = terms.Average(pair => pair.RewardChosen > pair.RewardRejected ? 1.0 : 0.0),
            Margin = terms.Average(pair => pair.RewardChosen - pair.RewardRejected),
            LogProbChosen = terms.Average(pair => pair.LogProbChosen),
            LogProbRejected = terms.Average(pair => pair.LogProbRejected),
            GradientNorm = norm,
            LearningRate = learningRate,
        };
    }

    /// <summary>After <see cref="Trained"/> was given other values.</summary>
    public void TakeUp() => _masters.Apply();

    public void Dispose()
    {
        Optimizer.Dispose();
        _masters.Dispose();
    }

    /// <summary>Adds this pair's share of the step's gradient.</summary>
    private PairTerms Accumulate(TrainingPair pair, ReferenceLogProbs reference, int pairs, long chosenTokens)
    {
        using var scope = NewDisposeScope();
        PairPass pass = _forward(_model, pair);
        Tensor sums = pass.LogProbs;
        PreferenceTerms terms = PreferenceLoss.Objective(
            new(sums.narrow(0, 0, 1), sums.narrow(0, 1, 1)), new(Constant(reference.Chosen), Constant(reference.Rejected)),
            new(Constant(pair.ChosenTokens), Constant(pair.RejectedTokens)), pairs, chosenTokens, _options.Loss);
        terms.Loss.backward();
        pass.Finish?.Invoke();
        _masters.Collect();
        return new PairTerms(
            sums.select(0, 0).item<double>(), sums.select(0, 1).item<double>(), terms.Dpo.sum().item<double>(), terms.Sft.item<double>(),
            terms.RewardChosen.sum().item<double>(), terms.RewardRejected.sum().item<double>());
    }

    private Tensor Constant(double value) => tensor(new double[] { value }).to(_model.Device);

    /// <summary>Switches an adapter off, and on again where it was on.</summary>
    private readonly struct AdapterOff : IDisposable
    {
        private readonly LoraAdapter? _switchedOff;

        public AdapterOff(LoraAdapter? adapter)
        {
            _switchedOff = adapter is { Enabled: true } ? adapter : null;
            if (_switchedOff is not null)
                _switchedOff.Enabled = false;
        }

        public void Dispose()
        {
            if (_switchedOff is not null)
                _switchedOff.Enabled = true;
        }
    }
}
