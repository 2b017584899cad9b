using System.Diagnostics;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.GpuJob.Verify;
using Tpo.Shared.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Bench;

/// <summary>
/// The parts of preference training on made-up pairs of one size: 32 frames, 30 tokens of prompt, answers of 40 and 40. The same pairs, the way the
/// public trainers go about them, are in infra/local/bench/dpo.py.
/// </summary>
public sealed class PreferenceBench : IDisposable
{
    private const int Frames = 32, Before = 20, After = 10, Answer = 40;
    private const double Rate = 1e-5;

    private readonly LlavaQwenForCausalLM _model;
    private readonly LoraAdapter? _adapter;
    private readonly PreferenceTrainer _trainer;
    private readonly Dictionary<int, TrainingPair> _pairs = [];
    private readonly Dictionary<int, ReferenceLogProbs> _references = [];

    /// <param name="folder">the model, and the adapter's start as adapter.safetensors</param>
    /// <param name="rank">0 = projector and decoder are trained</param>
    public PreferenceBench(string folder, int rank, PairForward way)
    {
        _model = Checkpoint.Load(folder);
        _model.MoveTo(cuda.is_available() ? CUDA : CPU);
        if (rank > 0)
        {
            _adapter = new LoraAdapter(_model, rank, alpha: 2 * rank);
            _adapter.Load(Path.Combine(folder, PreferenceBenchFiles.Adapter));
        }
        _trainer = new PreferenceTrainer(_model, new TrainerOptions(new LossOptions(Beta: 0.1, DpoWeight: 1, SftWeight: 0.5)), _adapter, way);
    }

    /// <summary>The pair's frames through the tower, once. Seconds.</summary>
    public double Look(int pair)
    {
        var clock = Stopwatch.StartNew();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        long side = _model.Config.Vision.ImageSize;
        Tensor pixels = PreferenceBenchFiles.Pixels(pair, Frames, side).to(_model.Device);
        if (_pairs.Remove(pair, out TrainingPair? former))
            former.Patches.Dispose();
        _pairs[pair] = new TrainingPair($"{pair}", _model.EncodeFrames(pixels).DetachFromDisposeScope(), Sequence(pair));
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>The reference's log-probabilities. Seconds. The first are the start's and are kept: where all weights are trained, later ones would be another model's.</summary>
    public double Score(int pair)
    {
        var clock = Stopwatch.StartNew();
        ReferenceLogProbs scored = _trainer.Score(_pairs[pair]);
        _references.TryAdd(pair, scored);
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>Forward, backward, clipping, AdamW.</summary>
    public (double Seconds, double Loss) Step(int pair)
    {
        var clock = Stopwatch.StartNew();
        TrainingMetrics metrics = _trainer.Step(0, [(_pairs[pair], _references[pair])], Rate);
        return (clock.Elapsed.TotalSeconds, metrics.Loss);
    }

    /// <summary>Compares the first pair's gradients with a file's: the greatest ‖Δ‖ / (‖g‖ + 10⁻³ · max ‖g‖), and whose it is.</summary>
    public (double Share, string Name) Compare(string gradients)
    {
        _trainer.Backward([(_pairs[0], _references[0])]);
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> theirs = TensorFile.ReadAll(gradients);
        Dictionary<string, Tensor?> ours = _trainer.Trained.ToDictionary(entry => entry.Name, entry => entry.Parameter.grad, StringComparer.Ordinal);
        if (ours.Keys.Except(theirs.Keys).Concat(theirs.Keys.Except(ours.Keys)).Order(StringComparer.Ordinal).FirstOrDefault() is { } odd)
            throw new InvalidDataException($"'{odd}' is trained by one side alone.");
        double greatest = theirs.Values.Max(PreferenceFindings.L2);
        return ours.Select(entry => (PreferenceFindings.Distance(entry.Value!, theirs[entry.Key]) / (PreferenceFindings.L2(theirs[entry.Key]) + 1e-3 * greatest), entry.Key))
            .MaxBy(found => found.Item1);
    }

    public void Dispose()
    {
        foreach (TrainingPair pair in _pairs.Values)
            pair.Patches.Dispose();
        _trainer.Dispose();
        _adapter?.Dispose();
        _model.Dispose();
    }

    private BranchedSequence Sequence(int pair)
    {
        int[] Ids(int seed, int count) => PreferenceBenchFiles.Tokens(seed, count, _model.Config.VocabularySize);
        int[] prompt = Ids(10 * pair, Before + After);
        return new BranchedSequence(
            prompt[..Before], VideoTokens.Count(Frames, _model.Config), prompt[Before..],
            [new Branch([], Ids(10 * pair + 1, Answer)), new Branch([], Ids(10 * pair + 2, Answer))]);
    }
}
