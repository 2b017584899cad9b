using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>The pairs that a run sees, ready for the model: texts as tokens, videos as tower outputs, each with its reference log-probs.</summary>
public sealed class TrainingData(TpoStorage storage, TpoSettings settings, string runId, TrainingRequest request, RunReporter reporter, string scratch)
{
    private const string ReferenceFile = "reference.json", SkippedFile = "skipped.json";
    private readonly Dictionary<int, (TrainingPair Pair, ReferenceLogProbs Reference)> _used = [];
    private readonly Dictionary<string, Tensor> _videos = new(StringComparer.Ordinal);
    private SortedDictionary<string, SkippedVideo> _skipped = new(StringComparer.Ordinal);

    /// <summary>Pairs in the dataset that can be trained on, seen or not.</summary>
    public int PairCount { get; private set; }

    /// <summary>Pairs that are scored and never learnt from.</summary>
    public IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> HeldOut { get; private set; } = [];

    public IReadOnlyList<SkippedVideo> Skipped => [.. _skipped.Values];

    public IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> Batch(int step) =>
        [.. PairOrder.Batch(PairCount, request.BatchSize, request.Seed, step).Select(index => _used[index])];

    /// <summary>Loads everything; the model must still carry the base's weights. False = the run was cancelled meanwhile.</summary>
    public async Task<bool> LoadAsync(LlavaQwenForCausalLM model, PreferenceTrainer trainer, string baseFolder, CancellationToken stop)
    {
        (string name, string version) = request.Dataset.Split('/') is [var first, var second]
            ? (first, second)
            : throw new InvalidDataException($"The run's dataset '{request.Dataset}' is not resolved: the job needs `name/version`.");
        IReadOnlyList<PreferencePair> pairs = await ReadPairsAsync(DatasetBlobs.Pairs(name, version), stop);
        if (pairs.Count == 0)
            throw new InvalidDataException($"The dataset '{request.Dataset}' has no pairs (datasets/{DatasetBlobs.Pairs(name, version)}).");
        IReadOnlyList<PreferencePair> heldOut = request.EvaluateEvery > 0 ? await ReadPairsAsync(DatasetBlobs.HeldOut(name, version), stop) : [];
        if (request.EvaluateEvery > 0 && heldOut.Count == 0)
            throw new InvalidDataException($"The dataset '{request.Dataset}' has no held-out pairs to evaluate on: build it with heldOutPercent, or leave evaluateEvery out.");

        _skipped = await storage.TryReadJsonAsync<SortedDictionary<string, SkippedVideo>>(Containers.Training, Blob(SkippedFile), stop) ?? _skipped;
        if (await UsableAsync(pairs, model, stop) is not { } usable || await UsableHeldOutAsync(heldOut, model, stop) is not { } evaluated)
            return false;
        if (_skipped.Count > 0)
            await storage.WriteJsonAsync(Containers.Training, Blob(SkippedFile), _skipped, stop);

        PairCount = usable.Count;
        await PrepareAsync(usable, evaluated, model, trainer, Tokenizer.Load(baseFolder), stop);
        return true;
    }

    private async Task PrepareAsync(
        IReadOnlyList<PreferencePair> pairs, IReadOnlyList<PreferencePair> heldOut, LlavaQwenForCausalLM model, PreferenceTrainer trainer, Tokenizer tokenizer, CancellationToken stop)
    {
        var known = await storage.TryReadJsonAsync<Dictionary<string, ReferenceLogProbs>>(Containers.Training, Blob(ReferenceFile), stop);
        var scores = known ?? new Dictionary<string, ReferenceLogProbs>(StringComparer.Ordinal);
        foreach (int index in PairOrder.Used(pairs.Count, request.BatchSize, request.Seed, request.Steps))
            _used[index] = Scored(pairs[index]);
        HeldOut = [.. heldOut.Select(Scored)];
        if (known is null)
            await storage.WriteJsonAsync(Containers.Training, Blob(ReferenceFile), scores, stop);

        (TrainingPair, ReferenceLogProbs) Scored(PreferencePair source)
        {
            stop.ThrowIfCancellationRequested();
            TrainingPair pair = Prepare(source, _videos[source.VideoId], tokenizer, model.Config, request);
            if (!scores.TryGetValue(pair.PairId, out ReferenceLogProbs? reference))
                scores[pair.PairId] = reference = trainer.Score(pair);
            return (pair, reference);
        }
    }

    /// <summary>
    /// Prompt, video and question are the prefix; chosen and rejected are the branches, so all that is learnt are the answers' tokens
    /// and their end mark.
    /// </summary>
    public static TrainingPair Prepare(PreferencePair pair, Tensor patches, Tokenizer tokenizer, CheckpointConfig config, TrainingRequest request) =>
        new(pair.PairId, patches, Sequence(pair, tokenizer, config, request));

    /// <summary>The pair's row without its video.</summary>
    public static BranchedSequence Sequence(PreferencePair pair, Tokenizer tokenizer, CheckpointConfig config, TrainingRequest request) =>
        new(ChatTemplate.Prefix(tokenizer), VideoTokens.Count(request.FramesPerVideo, config), ChatTemplate.Turn(tokenizer, pair.Query),
            [new Branch([], ChatTemplate.Answer(tokenizer, pair.Chosen)), new Branch([], ChatTemplate.Answer(tokenizer, pair.Rejected))]);

    private Task<IReadOnlyList<PreferencePair>> ReadPairsAsync(string blob, CancellationToken stop) =>
        storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, blob, stop);

    /// <summary>The pairs whose videos can be read; those that the run sees are looked at, until none of them is bad. null = cancelled.</summary>
    private async Task<IReadOnlyList<PreferencePair>?> UsableAsync(IReadOnlyList<PreferencePair> pairs, LlavaQwenForCausalLM model, CancellationToken stop)
    {
        while (true)
        {
            PreferencePair[] usable = [.. pairs.Where(pair => !_skipped.ContainsKey(pair.VideoId))];
            if (usable.Length == 0)
                throw new InvalidDataException($"None of the {pairs.Count} pairs of '{request.Dataset}' can be trained on. {_skipped.Values.First().Reason}");
            int before = _skipped.Count;
            var used = PairOrder.Used(usable.Length, request.BatchSize, request.Seed, request.Steps).Select(index => usable[index]);
            if (!await LookAsync(used, pairs, model, stop))
                return null;
            if (_skipped.Count == before)
                return usable;
        }
    }

    private async Task<IReadOnlyList<PreferencePair>?> UsableHeldOutAsync(IReadOnlyList<PreferencePair> pairs, LlavaQwenForCausalLM model, CancellationToken stop) =>
        await LookAsync(pairs.Where(pair => !_skipped.ContainsKey(pair.VideoId)), pairs, model, stop)
            ? [.. pairs.Where(pair => !_skipped.ContainsKey(pair.VideoId))]
            : null;

    /// <summary>Looks at the videos of these pairs; a bad one is noted with how many of all pairs it takes away. False = cancelled.</summary>
    private async Task<bool> LookAsync(IEnumerable<PreferencePair> some, IReadOnlyList<PreferencePair> all, LlavaQwenForCausalLM model, CancellationToken stop)
    {
        var encoder = new VideoEncoder(storage, settings, model, Path.Combine(scratch, "videos"));
        PreferencePair[] onePerVideo = [.. some.DistinctBy(pair => pair.VideoId).Where(pair => !_videos.ContainsKey(pair.VideoId))];
        for (int i = 0; i < onePerVideo.Length; i++)
        {
            PreferencePair pair = onePerVideo[i];
            if (await storage.ExistsAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), stop))
                return false;
            reporter.Say(JobPhase.Starting, 0, request.Steps, message: $"Looking at video {i + 1} of {onePerVideo.Length}.");
            try
            {
                _videos[pair.VideoId] = await encoder.EncodeAsync(pair, request.FramesPerVideo, stop);
            }
            catch (BadVideoException bad)
            {
                var skipped = _skipped[pair.VideoId] = new SkippedVideo(pair.VideoBlob, all.Count(other => other.VideoId == pair.VideoId), bad.Message);
                reporter.Log($"Skipped {skipped.Pairs} pairs of '{skipped.VideoBlob}': {skipped.Reason}");
            }
        }
        return true;
    }

    private string Blob(string file) => TrainingBlobs.Checkpoint(runId, file);
}
