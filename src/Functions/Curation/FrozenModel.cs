using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>The planned model at its planned revision, and the planned frames as it takes them.</summary>
public sealed class FrozenModel(ModelHost host, VideoFiles files, FrameExtractor extractor)
{
    public async Task<VideoLanguageModel> OpenAsync(CurationPlan plan, CancellationToken cancellation)
    {
        var model = await host.GetAsync(plan.ModelId, cancellation);
        if (model.Recipe.Preprocess != plan.Preprocess)
            throw new InvalidOperationException(
                $"The curation of {plan.VideoId} was planned with frames made by {plan.Preprocess}, and the config of '{plan.ModelId}' says "
                + $"{model.Recipe.Preprocess} since: upload the video again to curate it with the new one.");
        return model.Revision == plan.ModelRevision
            ? model
            : throw new InvalidOperationException(
                $"The curation of {plan.VideoId} was planned for '{plan.ModelId}' at revision {plan.ModelRevision}, and revision "
                + $"{model.Revision} has replaced it since: upload the video again to curate it with the new one.");
    }

    /// <summary>The view's frames, ImageSize × ImageSize.</summary>
    public async Task<IReadOnlyList<RgbFrame>> FramesAsync(CurationPlan plan, string view, VideoLanguageModel model, CancellationToken cancellation)
    {
        var path = await files.GetAsync(await files.AssetAsync(plan.VideoId, cancellation), cancellation);
        return await extractor.ExtractAsync(path, plan.Frames[view], model.Recipe, cancellation);
    }
}
