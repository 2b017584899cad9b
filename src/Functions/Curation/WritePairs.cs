using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>
/// Publishes a finished curation: `pairs.jsonl`, `rejected.jsonl`, the catalog's lines, and last the manifest, so that a manifest says that all is there.
/// </summary>
public sealed class WritePairs(TpoStorage storage, Catalog catalog, Stage stage, VideoFiles files, VideoRecords records)
{
    [Function(nameof(WritePairs))]
    public async Task Run([ActivityTrigger] WriteTask task, CancellationToken cancellation)
    {
        var plan = await stage.ReadAsync<CurationPlan>(task.Work.Plan, cancellation);
        var judged = await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, task.Judged, cancellation);
        var former = await storage.TryReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(plan.VideoId), cancellation);
        if (former?.Judged != task.Judged)
        {
            if (former is not null)
                await SupersedeAsync(former, judged, cancellation);
            await PublishAsync(plan, task, judged, cancellation);
        }

        var asset = await files.AssetAsync(plan.VideoId, cancellation);
        var kept = judged.Count(pair => pair.Verdict.Keep);
        await records.PutAsync(task.Upload, VideoStatus.Curated, record => record with
        {
            VideoId = plan.VideoId, DurationSeconds = asset.DurationSeconds, SubtitlesETag = plan.SubtitlesETag, Segments = plan.Segments.Count, Kept = kept, Rejected = judged.Count - kept,
        }, cancellation);
    }

    private async Task PublishAsync(CurationPlan plan, WriteTask task, IReadOnlyList<PreferencePair> judged, CancellationToken cancellation)
    {
        var kept = judged.Where(pair => pair.Verdict.Keep).ToList();
        var rejected = judged.Where(pair => !pair.Verdict.Keep).ToList();
        await storage.WriteJsonLinesAsync(Containers.Curation, CurationBlobs.Pairs(plan.VideoId), kept, cancellation);
        await storage.WriteJsonLinesAsync(Containers.Curation, CurationBlobs.Rejected(plan.VideoId), rejected, cancellation);
        await PutAsync(Catalog.Pairs, kept, superseded: false, cancellation);
        await PutAsync(Catalog.Rejected, rejected, superseded: false, cancellation);

        var captions = await stage.ReadAllAsync<ViewCaptions>(task.Work.Captions, cancellation);
        var queries = await stage.ReadAsync<WrittenQueries>(task.Work.Queries, cancellation);
        var answers = await stage.ReadAllAsync<ViewAnswers>(task.Work.Answers, cancellation);
        await storage.WriteJsonAsync(Containers.Curation, CurationBlobs.Manifest(plan.VideoId), new CurationManifest
        {
            VideoId = plan.VideoId,
            Plan = task.Work.Plan,
            Captions = task.Work.Captions,
            Queries = task.Work.Queries,
            Answers = task.Work.Answers,
            Judged = task.Judged,
            Funnel = Funnel.Of(plan, captions, queries, answers, judged),
        }, cancellation);
    }

    /// <summary>What an earlier curation made (another model, other settings) and this one does not, leaves lists and datasets.</summary>
    private async Task SupersedeAsync(CurationManifest former, IReadOnlyList<PreferencePair> judged, CancellationToken cancellation)
    {
        var now = judged.Select(pair => pair.PairId).ToHashSet(StringComparer.Ordinal);
        var before = await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, former.Judged, cancellation);
        var gone = before.Where(pair => !now.Contains(pair.PairId)).ToList();
        await PutAsync(Catalog.Pairs, gone.Where(pair => pair.Verdict.Keep), superseded: true, cancellation);
        await PutAsync(Catalog.Rejected, gone.Where(pair => !pair.Verdict.Keep), superseded: true, cancellation);
    }

    private Task PutAsync(string kind, IEnumerable<PreferencePair> pairs, bool superseded, CancellationToken cancellation) =>
        catalog.PutManyAsync(kind, pairs.Select(pair => (pair.PairId, PairEntry.Of(pair) with { Superseded = superseded })), cancellation);
}
