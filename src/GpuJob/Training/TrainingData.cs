using System.Globalization;
using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>The pairs that a run sees: texts as tokens, reference log-probs once, videos' features a step at a time.</summary>
public sealed class TrainingData(TpoStorage storage, TpoSettings settings, string runId, TrainingRequest request, RunReporter reporter, string scratch)
{
    private const string ReferenceFile = "reference.json";
    private readonly Dictionary<int, PreparedPair> _used = [];
    private readonly TrainingVideos _videos = new(storage, runId, request, reporter);
    private VideoFeatures _features = null!;

    /// <summary>Pairs in the dataset that can be trained on, seen or not.</summary>
    public int PairCount { get; private set; }

    /// <summary>Pairs that are scored and never learnt from.</summary>
    public IReadOnlyList<PreparedPair> HeldOut { get; private set; } = [];

    public IReadOnlyList<SkippedVideo> Skipped => _videos.Skipped;

    /// <summary>The hash of the base model's weight files.</summary>
    public string BaseRevision { get; private set; } = "";

    /// <summary>Loads everything but features; the model must still carry the base's weights. False = the run was cancelled meanwhile.</summary>
    public async Task<bool> LoadAsync(RunOutline outline, LlavaQwenForCausalLM model, PreferenceTrainer trainer, string baseFolder, CancellationToken stop)
    {
        (string name, string version) = request.Dataset.Split('/') is [var first, var second]
            ? (first, second)
            : throw new InvalidDataException($"The run's dataset '{request.Dataset}' is not resolved: the job needs `name/version`.");
        IReadOnlyList<PreferencePair> heldOut = request.EvaluateEvery > 0
            ? await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.HeldOut(name, version), stop)
            : [];
        if (request.EvaluateEvery > 0 && heldOut.Count == 0)
            throw new InvalidDataException($"The dataset '{request.Dataset}' has no held-out pairs to evaluate on: build it with heldOutPercent, or leave evaluateEvery out.");

        BaseRevision = WeightFiles.Revision(baseFolder);
        var encoder = new VideoEncoder(storage, settings, model, Path.Combine(scratch, "videos"));
        string folder = VideoFeatures.FolderFor(settings.WorkFolder, BaseRevision, model.Config, request.FramesPerVideo, model.Type);
        _features = new VideoFeatures(encoder, folder, settings.FeatureCacheMegabytes * 1_000_000);
        if (await _videos.UsableAsync(outline.Pairs, heldOut, encoder, _features, stop) is not { } usable)
            return false;
        reporter.Log(string.Create(CultureInfo.InvariantCulture, $"Vision features: {_features.Bytes / 1e6:N0} MB on disk of at most {settings.FeatureCacheMegabytes:N0} (Tpo__FeatureCacheMegabytes)."));

        PairCount = usable.Pairs.Count;
        await PrepareAsync(usable.Pairs, usable.HeldOut, trainer, outline.Tokenizer, model.Config, stop);
        return true;
    }

    /// <summary>One step's pairs with their features; the caller disposes of them.</summary>
    public Task<TrainingBatch> BatchAsync(int step, CancellationToken stop) =>
        WithFeaturesAsync([.. PairOrder.Batch(PairCount, request.BatchSize, request.Seed, step).Select(index => _used[index])], stop);

    /// <summary>How the model stands to the held-out pairs: reward accuracy and margin, mean log-probability of the chosen answers.</summary>
    public async Task<(double Accuracy, double Margin, double LogProbChosen)> EvaluateAsync(PreferenceTrainer trainer, CancellationToken stop)
    {
        var found = new List<(double Margin, double LogProbChosen)>();
        foreach (var video in HeldOut.GroupBy(pair => pair.Source.VideoId))
        {
            using TrainingBatch batch = await WithFeaturesAsync([.. video], stop);
            found.AddRange(batch.Pairs.Select(item => trainer.Stand(item.Pair, item.Reference)));
        }
        return (found.Average(pair => pair.Margin > 0 ? 1.0 : 0), found.Average(pair => pair.Margin), found.Average(pair => pair.LogProbChosen));
    }

    private async Task<TrainingBatch> WithFeaturesAsync(IReadOnlyList<PreparedPair> pairs, CancellationToken stop)
    {
        var patches = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (PreparedPair pair in pairs.DistinctBy(pair => pair.Source.VideoId))
            patches[pair.Source.VideoId] = await _features.GetAsync(pair.Source, request.FramesPerVideo, stop);
        return new TrainingBatch([.. pairs.Select(pair => (pair.With(patches[pair.Source.VideoId]), pair.Reference))]);
    }

    private async Task PrepareAsync(
        IReadOnlyList<PreferencePair> pairs, IReadOnlyList<PreferencePair> heldOut, PreferenceTrainer trainer, Tokenizer tokenizer, CheckpointConfig config, CancellationToken stop)
    {
        var scores = await ReferenceScores.LoadAsync(storage, TrainingBlobs.Checkpoint(runId, ReferenceFile), request.Dataset, BaseRevision, request, stop);
        int[] used = PairOrder.Used(pairs.Count, request.BatchSize, request.Seed, request.Steps);
        PreferencePair[] all = [.. used.Select(index => pairs[index]), .. heldOut];
        var sequences = all.DistinctBy(pair => pair.PairId).ToDictionary(pair => pair.PairId, pair => PreparedPair.SequenceOf(pair, tokenizer, config, request), StringComparer.Ordinal);
        PreferencePair[] unscored = [.. all.DistinctBy(pair => pair.PairId).Where(pair => !scores.Has(pair.PairId))];
        foreach (var video in unscored.GroupBy(pair => pair.VideoId))
        {
            stop.ThrowIfCancellationRequested();
            using Tensor patches = await _features.GetAsync(video.First(), request.FramesPerVideo, stop);
            foreach (PreferencePair pair in video)
                scores[pair.PairId] = trainer.Score(new TrainingPair(pair.PairId, patches, sequences[pair.PairId]));
        }
        await scores.SaveAsync(stop);

        PreparedPair Prepared(PreferencePair pair) => new(pair, sequences[pair.PairId], scores[pair.PairId]);
        foreach (int index in used)
            _used[index] = Prepared(pairs[index]);
        HeldOut = [.. heldOut.Select(Prepared)];
    }
}
