using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Shared.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Verify;

/// <summary>How a reference run is trained again: the type, how a pair goes through the model, and whether the reference's log-probs are computed once.</summary>
/// <param name="ReferenceOnce">else at every step anew: by a frozen copy of the start, or by the model without its adapter</param>
public sealed record PreferenceWay(string Name, ScalarType Type, PairForward Forward, bool ReferenceOnce)
{
    /// <summary>What training does comes first.</summary>
    public static IReadOnlyList<PreferenceWay> All { get; } =
    [
        new("float32", ScalarType.Float32, PairForwards.Shared, ReferenceOnce: true),
        new("float64", ScalarType.Float64, PairForwards.Shared, ReferenceOnce: true),
        new("float64, layers recomputed", ScalarType.Float64, PairForwards.Recomputed, ReferenceOnce: true),
        new("float64, no shared prefix", ScalarType.Float64, PairForwards.Separate, ReferenceOnce: true),
        new("float64, reference at every step", ScalarType.Float64, PairForwards.Shared, ReferenceOnce: false),
    ];
}

/// <summary>
/// Trains as a reference run was trained and compares on the way. The reference has each answer in a sequence of its own; here both share
/// one prefix, so equal gradients show that the shared layout is right too.
/// </summary>
public sealed class PreferenceRun : IDisposable
{
    private readonly PreferenceGolden _golden;
    private readonly PreferenceGolden.Run _run;
    private readonly LlavaQwenForCausalLM _model;
    private readonly LoraAdapter? _adapter;
    private readonly PreferenceWay _way;
    private readonly PreferenceFindings _compare;
    private readonly PreferenceTrainer _trainer;
    private readonly (LlavaQwenForCausalLM Model, PreferenceTrainer Trainer)? _frozenCopy;
    private readonly PreferenceTensors _tensors;

    /// <param name="name">of the run in golden.json</param>
    public PreferenceRun(PreferenceGolden golden, string name, PreferenceWay way)
    {
        (_way, _compare) = (way, PreferenceFindings.In(way.Type));
        (_golden, _run) = (golden, golden.Runs[name]);
        PreferenceGolden.Settings settings = _run.Settings;
        if (settings.Adam is not [0.9, 0.999, 1e-8])
            throw new InvalidDataException($"Run '{name}' was trained with Adam's [{string.Join(", ", settings.Adam)}]; this trainer has β 0.9 and 0.999, ε 1e-8.");
        _model = Checkpoint.Load(golden.ModelFolder, way.Type);
        if (settings.R is { } rank)
        {
            string start = settings.Start ?? throw new InvalidDataException($"Run '{name}' trains an adapter but names no file it starts from (settings.start).");
            _adapter = new LoraAdapter(_model, rank, settings.LoraAlpha ?? rank);
            _adapter.Load(golden.FileIn(start));
        }
        var options = new TrainerOptions(new LossOptions(settings.Beta, settings.Alpha, settings.Gamma) { LabelSmoothing = settings.Smoothing }, settings.Wd, settings.ClipGradNorm);
        _trainer = new PreferenceTrainer(_model, options, _adapter, way.Forward);
        if (!way.ReferenceOnce && _adapter is null)
        {
            LlavaQwenForCausalLM copy = Checkpoint.Load(golden.ModelFolder, way.Type);
            _frozenCopy = (copy, new PreferenceTrainer(copy, options, adapter: null, way.Forward));
        }
        _tensors = new PreferenceTensors(golden, name, _model, _adapter, _compare);
    }

    /// <summary>Every number of the run, in the order in which it comes about.</summary>
    public IEnumerable<Finding> Compare()
    {
        TrainingPair[] pairs = Prepare();
        yield return Finding.Identical("label_tokens", _run.LabelTokens, [.. ScoredTokens(pairs, branch: 0), .. ScoredTokens(pairs, branch: 1)]);

        (TrainingPair Pair, ReferenceLogProbs Reference)[] batch = [.. pairs.Select(pair => (pair, _trainer.Score(pair)))];
        foreach (Finding one in EachPair("reference_logps/chosen", _run.ReferenceChosen, [.. batch.Select(item => item.Reference.Chosen)]))
            yield return one;
        foreach (Finding one in EachPair("reference_logps/rejected", _run.ReferenceRejected, [.. batch.Select(item => item.Reference.Rejected)]))
            yield return one;
        foreach (PreferenceGolden.Step step in _run.Steps)
        {
            if (!_way.ReferenceOnce)
                batch = [.. pairs.Select(pair => (pair, (_frozenCopy?.Trainer ?? _trainer).Score(pair)))];
            foreach (Finding one in CompareStep(step, batch))
                yield return one with { What = $"step {step.Index} {one.What}" };
        }
        foreach (Finding one in _tensors.Weights(_run.Steps.Count))
            yield return one;
        foreach (Finding one in _tensors.NotCompared())
            yield return one;
    }

    public void Dispose()
    {
        _tensors.Dispose();
        _trainer.Dispose();
        _frozenCopy?.Trainer.Dispose();
        _frozenCopy?.Model.Dispose();
        _adapter?.Dispose();
        _model.Dispose();
    }

    private TrainingPair[] Prepare()
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> videos = TensorFile.ReadAll(_golden.FileIn(PreferenceGolden.Videos));
        return [.. _golden.Pairs.Select((pair, index) =>
        {
            if (!videos.TryGetValue($"pixel_values.{index}", out Tensor? pixels))
                throw new InvalidDataException($"{PreferenceGolden.Videos} has no 'pixel_values.{index}' for pair {index} of golden.json.");
            BranchedSequence sequence = LabelledPair.Join(
                pair.ChosenInputIds, pair.ChosenLabels, pair.RejectedInputIds, pair.RejectedLabels, VideoTokens.Count((int)pixels.shape[0], _model.Config));
            return new TrainingPair($"{index}", _model.EncodeFrames(pixels.to_type(_way.Type)).DetachFromDisposeScope(), sequence);
        })];
    }

    private static IEnumerable<int> ScoredTokens(TrainingPair[] pairs, int branch) =>
        pairs.Select(pair => pair.Sequence.SharedTargets + pair.Sequence.Branches[branch].Answer.Length);

    private IEnumerable<Finding> CompareStep(PreferenceGolden.Step step, (TrainingPair, ReferenceLogProbs)[] batch)
    {
        IReadOnlyList<PairTerms> terms = _trainer.Backward(batch);
        foreach (Finding one in EachPair("logps/chosen", step.LogProbsChosen, [.. terms.Select(pair => pair.LogProbChosen)]))
            yield return one;
        foreach (Finding one in EachPair("logps/rejected", step.LogProbsRejected, [.. terms.Select(pair => pair.LogProbRejected)]))
            yield return one;
        foreach (Finding one in _tensors.Gradients(step.Index))
            yield return one;

        TrainingMetrics found = _trainer.Finish(step.Index, terms, _run.Settings.Lr);
        yield return _compare.OfNumber("loss", step.Loss, found.Loss);
        yield return _compare.OfNumber("losses/dpo", step.Dpo, found.DpoLoss);
        yield return _compare.OfNumber("losses/sft", step.Sft, found.SftLoss);
        yield return _compare.OfNumber("rewards/chosen", step.RewardChosen, found.RewardChosen);
        yield return _compare.OfNumber("rewards/rejected", step.RewardRejected, found.RewardRejected);
        yield return _compare.OfNumber("rewards/margins", step.Margin, found.Margin);
        if (!HasTie(step))
            yield return _compare.OfNumber("rewards/accuracies", step.Accuracy, found.RewardAccuracy);
        yield return _compare.OfNorm("grad_norm", step.GradNorm, found.GradientNorm);
    }

    /// <summary>Before the first update both rewards are 0 but for rounding, and which one is greater means nothing.</summary>
    private bool HasTie(PreferenceGolden.Step step) => Enumerable.Range(0, _golden.Pairs.Count).Any(i =>
        Math.Abs(step.LogProbsChosen[i] - _run.ReferenceChosen[i] - step.LogProbsRejected[i] + _run.ReferenceRejected[i]) < 1e-9);

    private IEnumerable<Finding> EachPair(string what, double[] expected, double[] found) => expected.Length != found.Length
        ? [Finding.Identical($"{what}, how many", [expected.Length], [found.Length])]
        : expected.Select((value, pair) => _compare.OfNumber($"{what} of pair {pair}", value, found[pair]));
}
