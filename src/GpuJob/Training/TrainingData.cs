using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>The pairs that a run sees, ready for the model: texts as tokens, videos as tower outputs, each with its reference log-probs.</summary>
public sealed class TrainingData(TpoStorage storage, TpoSettings settings, string runId, TrainingRequest request, RunReporter reporter, string scratch)
{
    private const string ReferenceFile = "reference.json";
    private readonly Dictionary<int, (TrainingPair Pair, ReferenceLogProbs Reference)> _used = [];

    /// <summary>Pairs in the dataset, seen or not.</summary>
    public int PairCount { get; private set; }

    public IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> Batch(int step) =>
        [.. PairOrder.Batch(PairCount, request.BatchSize, request.Seed, step).Select(index => _used[index])];

    /// <summary>Loads everything; the model must still carry the base's weights. False = the run was cancelled meanwhile.</summary>
    public async Task<bool> LoadAsync(LlavaQwenForCausalLM model, PreferenceTrainer trainer, string baseFolder, CancellationToken stop)
    {
        IReadOnlyList<PreferencePair> pairs = await ReadPairsAsync(stop);
        PairCount = pairs.Count;
        int[] used = PairOrder.Used(pairs.Count, request.BatchSize, request.Seed, request.Steps);
        if (await EncodeVideosAsync(used.Select(index => pairs[index]), model, stop) is not { } videos)
            return false;

        var known = await storage.TryReadJsonAsync<Dictionary<string, ReferenceLogProbs>>(Containers.Training, ReferenceBlob, stop);
        var scores = known ?? new Dictionary<string, ReferenceLogProbs>(StringComparer.Ordinal);
        Tokenizer tokenizer = Tokenizer.Load(baseFolder);
        foreach (int index in used)
        {
            stop.ThrowIfCancellationRequested();
            TrainingPair pair = Prepare(pairs[index], videos[pairs[index].VideoId], tokenizer, model.Config, request.FramesPerVideo);
            if (!scores.TryGetValue(pair.PairId, out ReferenceLogProbs? reference))
                scores[pair.PairId] = reference = trainer.Score(pair);
            _used[index] = (pair, reference);
        }
        if (known is null)
            await storage.WriteJsonAsync(Containers.Training, ReferenceBlob, scores, stop);
        return true;
    }

    /// <summary>
    /// Prompt, video and question are the prefix; chosen and rejected are the branches, so all that is learnt are the answers' tokens
    /// and their end mark.
    /// </summary>
    public static TrainingPair Prepare(PreferencePair pair, Tensor patches, Tokenizer tokenizer, CheckpointConfig config, int frames) =>
        new(pair.PairId, patches, new BranchedSequence(
            ChatTemplate.Prefix(tokenizer), VideoTokens.Count(frames, config), ChatTemplate.Turn(tokenizer, pair.Query),
            [new Branch([], ChatTemplate.Answer(tokenizer, pair.Chosen)), new Branch([], ChatTemplate.Answer(tokenizer, pair.Rejected))]));

    private async Task<IReadOnlyList<PreferencePair>> ReadPairsAsync(CancellationToken stop)
    {
        if (request.Dataset.Split('/') is not [var name, var version])
            throw new InvalidDataException($"The run's dataset '{request.Dataset}' is not resolved: the job needs `name/version`.");
        var pairs = await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.Pairs(name, version), stop);
        return pairs.Count > 0 ? pairs : throw new InvalidDataException($"The dataset '{request.Dataset}' has no pairs (datasets/{DatasetBlobs.Pairs(name, version)}).");
    }

    private async Task<Dictionary<string, Tensor>?> EncodeVideosAsync(IEnumerable<PreferencePair> pairs, LlavaQwenForCausalLM model, CancellationToken stop)
    {
        var encoder = new VideoEncoder(storage, settings, model, Path.Combine(scratch, "videos"));
        PreferencePair[] onePerVideo = [.. pairs.DistinctBy(pair => pair.VideoId)];
        var videos = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (PreferencePair pair in onePerVideo)
        {
            if (await storage.ExistsAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), stop))
                return null;
            reporter.Say(JobPhase.Starting, 0, request.Steps, message: $"Looking at video {videos.Count + 1} of {onePerVideo.Length}.");
            videos[pair.VideoId] = await encoder.EncodeAsync(pair, request.FramesPerVideo, stop);
        }
        return videos;
    }

    private string ReferenceBlob => TrainingBlobs.Checkpoint(runId, ReferenceFile);
}
