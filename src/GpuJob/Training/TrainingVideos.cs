using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>Which of a run's videos can be read. Each is looked at before training, while the next one is decoded; a bad one takes its own pairs away.</summary>
public sealed class TrainingVideos(TpoStorage storage, string runId, TrainingRequest request, RunReporter reporter)
{
    private const string SkippedFile = "skipped.json";
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private SortedDictionary<string, SkippedVideo> _skipped = new(StringComparer.Ordinal);

    public IReadOnlyList<SkippedVideo> Skipped => [.. _skipped.Values];

    /// <summary>The pairs whose videos can be read; those that the run sees are looked at, until none of them is bad. null = cancelled.</summary>
    public async Task<(IReadOnlyList<PreferencePair> Pairs, IReadOnlyList<PreferencePair> HeldOut)?> UsableAsync(
        IReadOnlyList<PreferencePair> pairs, IReadOnlyList<PreferencePair> heldOut, VideoEncoder encoder, VideoFeatures features, CancellationToken stop)
    {
        string blob = TrainingBlobs.Checkpoint(runId, SkippedFile);
        _skipped = await storage.TryReadJsonAsync<SortedDictionary<string, SkippedVideo>>(Containers.Training, blob, stop) ?? _skipped;
        if (await TrainedAsync(pairs, encoder, features, stop) is not { } usable || !await LookAsync(Without(heldOut), heldOut, encoder, features, stop))
            return null;
        if (_skipped.Count > 0)
            await storage.WriteJsonAsync(Containers.Training, blob, _skipped, stop);
        return (usable, Without(heldOut));
    }

    private async Task<IReadOnlyList<PreferencePair>?> TrainedAsync(IReadOnlyList<PreferencePair> pairs, VideoEncoder encoder, VideoFeatures features, CancellationToken stop)
    {
        while (true)
        {
            PreferencePair[] usable = Without(pairs);
            if (usable.Length == 0)
                throw new InvalidDataException($"None of the {pairs.Count} pairs of '{request.Dataset}' can be trained on. {_skipped.Values.First().Reason}");
            int before = _skipped.Count;
            var used = PairOrder.Used(usable.Length, request.BatchSize, request.Seed, request.Steps).Select(index => usable[index]);
            if (!await LookAsync(used, pairs, encoder, features, stop))
                return null;
            if (_skipped.Count == before)
                return usable;
        }
    }

    private PreferencePair[] Without(IReadOnlyList<PreferencePair> pairs) => [.. pairs.Where(pair => !_skipped.ContainsKey(pair.VideoId))];

    /// <summary>Looks at the videos of these pairs; a bad one is noted with how many of all pairs it takes away. False = cancelled.</summary>
    private async Task<bool> LookAsync(
        IEnumerable<PreferencePair> some, IReadOnlyList<PreferencePair> all, VideoEncoder encoder, VideoFeatures features, CancellationToken stop)
    {
        PreferencePair[] onePerVideo = [.. some.DistinctBy(pair => pair.VideoId).Where(pair => _seen.Add(pair.VideoId) && !features.Has(pair.VideoId))];
        Task<IReadOnlyList<RgbFrame>>? ahead = null;
        try
        {
            for (int i = 0; i < onePerVideo.Length; i++)
            {
                PreferencePair pair = onePerVideo[i];
                if (await storage.ExistsAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), stop))
                    return false;
                reporter.Say(JobPhase.Starting, 0, request.Steps, message: $"Looking at video {i + 1} of {onePerVideo.Length}.");
                var frames = ahead ?? encoder.FramesAsync(pair, request.FramesPerVideo, stop);
                ahead = null;
                try
                {
                    IReadOnlyList<RgbFrame> decoded = await frames;
                    if (i + 1 < onePerVideo.Length)
                        ahead = Task.Run(() => encoder.FramesAsync(onePerVideo[i + 1], request.FramesPerVideo, stop), stop);
                    using Tensor patches = encoder.Encode(decoded);
                    features.Keep(pair.VideoId, patches);
                }
                catch (BadVideoException bad)
                {
                    var skipped = _skipped[pair.VideoId] = new SkippedVideo(pair.VideoBlob, all.Count(other => other.VideoId == pair.VideoId), bad.Message);
                    reporter.Log($"Skipped {skipped.Pairs} pairs of '{skipped.VideoBlob}': {skipped.Reason}");
                }
            }
            return true;
        }
        finally
        {
            if (ahead is not null)
                await ahead.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
