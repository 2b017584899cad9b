using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Costs;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>Decides everything about a video before a model runs: shots, segments, the frames of every view, and the model's exact revision.</summary>
public sealed class PlanSegments(TpoStorage storage, Stage stage, VideoFiles files, ShotDetector shots, VideoSubtitles subtitles, RemoteRoles remote, TpoSettings settings)
{
    private const string Version = "plan@3";

    [Function(nameof(PlanSegments))]
    public Task<PlannedVideo> Run([ActivityTrigger] string videoId, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        var model = await PolicyAsync(cancellation);
        var video = await files.AssetAsync(videoId, cancellation);
        var said = await subtitles.OfAsync(video, cancellation);
        var inputs = new WorkInputs(
            ("version", Version), ("video", videoId), ("frame times", video.FrameRuns is { } runs ? WorkInputs.Of(runs) : "constant"), ("model", $"{model.Id}@{model.Revision}"), ("preprocess", model.Preprocess),
            ("frames a video", $"{settings.FramesPerVideo}"), ("frames a segment", $"{settings.FramesPerSegment}"), ("sparse frames", $"{settings.SparseFrames}"),
            ("segments a video", $"{settings.SegmentsPerVideo}"), ("seed", $"{settings.Seed}"),
            ("subtitles", string.Join('\n', said.Cues.Select(cue => $"{cue.Span.Start:R} {cue.Span.End:R} {cue.Text}"))));
        var blob = CurationBlobs.Plan(videoId, inputs.Hash);
        await stage.OnceAsync(new Unit(CostStage.Plan, videoId, blob, inputs), async () =>
        {
            var scan = await shots.ScanAsync(await files.GetAsync(video, cancellation), cancellation);
            return CurationPlan.Make(video, scan, said.Cues, model.Id, model.Revision, settings) with { Preprocess = model.Preprocess, SubtitlesETag = said.ETag };
        }, null, cancellation);
        var plan = await stage.ReadAsync<CurationPlan>(blob, cancellation);
        return new PlannedVideo { Blob = blob, Segments = plan.Segments.Count };
    });

    /// <summary>The model that is to answer: the remote one that has the role, or the registered base model.</summary>
    private async Task<(string Id, string Revision, string Preprocess)> PolicyAsync(CancellationToken cancellation)
    {
        if (remote.Policy is { } policy)
            return (policy.ModelId, policy.Revision, policy.Preprocess);
        var card = await storage.TryReadJsonAsync<ModelCard>(Containers.Models, $"{settings.BaseModel}/model.json", cancellation)
            ?? throw new InvalidOperationException(
                $"There is no model '{settings.BaseModel}' in the container '{Containers.Models}': "
                + "put it there (./tpo up does), or name another in the setting Tpo__BaseModel.");
        return (card.ModelId, card.Revision, await ModelPreprocess.ReadAsync(storage, card.ModelId, cancellation));
    }
}
