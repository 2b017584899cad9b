using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>Keeps what a round made of a video under the round's name. The video's own pairs, the lists and every other dataset are as they were.</summary>
public sealed class WriteRound(TpoStorage storage, Stage stage)
{
    [Function(nameof(WriteRound))]
    public async Task<StageResult> Run([ActivityTrigger] WriteRoundTask round, CancellationToken cancellation)
    {
        var work = round.Work;
        var plan = await stage.ReadAsync<CurationPlan>(work.Plan, cancellation);
        var manifest = new CurationManifest
        {
            VideoId = plan.VideoId,
            Plan = work.Plan,
            Captions = work.Captions,
            Queries = work.Queries,
            Answers = work.Answers,
            Judged = round.Judged,
            Funnel = Funnel.Of(
                plan, await stage.ReadAllAsync<ViewCaptions>(work.Captions, cancellation), await stage.ReadAsync<WrittenQueries>(work.Queries, cancellation),
                await stage.ReadAllAsync<ViewAnswers>(work.Answers, cancellation),
                await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, round.Judged, cancellation)),
        };
        var blob = CurationBlobs.Round(plan.VideoId, round.Task.RoundRun);
        await storage.WriteJsonAsync(Containers.Curation, blob, manifest, cancellation);
        return new StageResult { Blob = blob };
    }
}
