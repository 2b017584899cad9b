using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Tests.Integration.Curation;

/// <summary>What is really so in a made video: used to measure pairs, never to make them.</summary>
internal static class PairTruth
{
    /// <summary>Is the chosen answer nearer to the truth than the rejected one (F1 over content words)? Never where the whole video has no single answer to the question.</summary>
    public static bool ChosenIsBetter(SyntheticVideo video, PreferencePair pair) =>
        OpenQuestions.About(video.Sights()).FirstOrDefault(question => question.Question == pair.Query) is { } truth
        && ContentWords.F1(pair.Chosen, truth.Answer) > ContentWords.F1(pair.Rejected, truth.Answer);
}
