using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>Who answers and who captions: the planned model at its planned revision, unless a remote one has the role; and the planned frames as each takes them.</summary>
public sealed class FrozenModel(ModelHost host, ViewFrames frames, FrameExtractor extractor, RemoteRoles remote)
{
    /// <summary>The model that answers queries; the caller disposes it when it is done.</summary>
    public async Task<IVideoModel> PolicyAsync(CurationPlan plan, CancellationToken cancellation)
    {
        var model = remote.Policy ?? new LocalVideoModel(await host.UseAsync(plan.ModelId, cancellation), extractor);
        try
        {
            RequirePlanned(model, plan);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void RequirePlanned(IVideoModel model, CurationPlan plan)
    {
        if (model.Preprocess != plan.Preprocess)
            throw new InvalidOperationException(
                $"The curation of {plan.VideoId} was planned with frames made by {plan.Preprocess}, and '{plan.ModelId}' takes "
                + $"{model.Preprocess} since: upload the video again to curate it with the new one.");
        if (model.Revision != plan.ModelRevision || model.ModelId != plan.ModelId)
            throw new InvalidOperationException(
                $"The curation of {plan.VideoId} was planned for '{plan.ModelId}' at revision {plan.ModelRevision}, and '{model.ModelId}' at revision "
                + $"{model.Revision} has replaced it since: upload the video again to curate it with the new one.");
    }

    /// <summary>The model that captions: the remote captioner, or the one that answers.</summary>
    public async Task<IVideoModel> CaptionerAsync(CurationPlan plan, CancellationToken cancellation) =>
        remote.Captioner ?? await PolicyAsync(plan, cancellation);

    /// <summary>The view's frames as the model takes them, and what they are for the lineage: the hash is that of the file they came from.</summary>
    public Task<(IReadOnlyList<RgbFrame> Frames, SeenFrames Seen)> FramesAsync(CurationPlan plan, string view, IVideoModel model, CancellationToken cancellation) =>
        frames.OfAsync(plan, view, remote.Captioner is null ? plan.Frames.Keys : model == remote.Captioner ? CurationPlan.CaptionedViews(plan.Segments.Count) : plan.AnsweredViews, model, cancellation);
}
