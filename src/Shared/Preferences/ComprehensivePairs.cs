using Tpo.Shared.Media;

namespace Tpo.Shared.Preferences;

/// <summary>
/// Where a comprehensive pair is made ("incomplete information" in the paper's third version): the query is about the whole video;
/// the chosen answer comes from all sampled frames, the rejected one from k of them.
/// </summary>
public static class ComprehensivePairs
{
    public static void AddViews(IDictionary<string, FramePlan> frames, VideoAsset video, TpoSettings settings)
    {
        var whole = FramePlanner.Uniform(video.Clock(), settings.FramesPerVideo);
        frames[Views.Whole] = whole;
        frames[Views.Sparse] = FramePlanner.Sparse(whole, Math.Min(settings.SparseFrames, whole.Indices.Length), settings.Seed);
    }

    /// <summary>One candidate a comprehensive query; all captions are evidence, so none are left over.</summary>
    public static IEnumerable<Candidate> Candidates(CaptionedVideo video, WrittenQueries written, IReadOnlyDictionary<string, ViewAnswers> answers) =>
        from query in written.Queries
        where query.Kind == PairKind.Comprehensive
        select new Candidate(query, null, answers[Views.Whole].For(query), answers[Views.Sparse].For(query), video.All, []);
}
