using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Shared.Preferences.Local;

/// <summary>
/// The paper's three tasks without a language model: word overlap with the reference, and the captions' statements in the scene language.
/// Pure and deterministic. What it cannot read it does not let pass.
/// </summary>
public sealed class CaptionJudge : IJudge
{
    /// <summary>Two answers closer than this (in F1 against the reference) are equally good.</summary>
    public const double Margin = 0.1;

    /// <summary>An answer that shares less than this with the reference is not correct; one wrong word in a short answer is already less.</summary>
    public const double LeastCorrect = 0.8;

    public string Id => "caption-judge@1";

    public Task<JudgeReply?> AskAsync(JudgeCase judged, CancellationToken cancellation)
    {
        var facts = Facts(judged.Captions);
        var because = SceneClaims.Of(judged.Answer1).Contradict(facts) ? RejectionReasons.Contradicts
            : HasAnotherAnswer(judged, facts) ? RejectionReasons.Ambiguous
            : null;
        var correct = ContentWords.F1(judged.Answer1, judged.ReferenceAnswer) >= LeastCorrect;
        return Task.FromResult<JudgeReply?>(new JudgeReply(Better(judged), because is null ? "No" : "Yes", correct ? "Yes" : "No", because));
    }

    public Task<string?> AskBetterAsync(JudgeCase judged, CancellationToken cancellation) => Task.FromResult<string?>(Better(judged));

    private static string Better(JudgeCase judged)
    {
        var lead = ContentWords.F1(judged.Answer1, judged.ReferenceAnswer) - ContentWords.F1(judged.Answer2, judged.ReferenceAnswer);
        return lead > Margin ? "Yes" : lead < -Margin ? "No" : "Equally";
    }

    /// <summary>Could somebody who saw the whole video answer otherwise? A question outside the scene language might have any answer.</summary>
    private static bool HasAnotherAnswer(JudgeCase judged, IReadOnlyList<SceneFact> facts)
    {
        var query = judged.Query;
        var elsewhere = Facts(judged.Elsewhere);
        if (query is SceneLanguage.ShownFirst or SceneLanguage.ShownLast or SceneLanguage.ListInOrder)
            return false;
        if (SceneLanguage.Shapes.FirstOrDefault(shape => SceneLanguage.ColourOf(shape) == query) is { } asked)
            return Rivals(facts, fact => fact.Shape == asked, fact => fact.Colour) || elsewhere.Any(fact => fact.Shape == asked);
        if (Things.FirstOrDefault(thing => SceneLanguage.PlaceOf(thing) == query) is { } placed)
            return Rivals(facts, fact => fact.Thing == placed, fact => fact.Place) || elsewhere.Any(fact => fact.Thing == placed);
        if (Things.FirstOrDefault(thing => SceneLanguage.After(thing) == query || SceneLanguage.Before(thing) == query) is { } cue)
            return Runs(facts).Count(thing => thing == cue) > 1;
        return true;
    }

    /// <summary>Two values that two captions each state; a single caption may be a slip.</summary>
    private static bool Rivals(IEnumerable<SceneFact> facts, Func<SceneFact, bool> about, Func<SceneFact, string> value) =>
        facts.Where(about).GroupBy(value).Count(group => group.Count() > 1) > 1;

    /// <summary>Things in order of time, each once for every stretch of at least two captions that name it.</summary>
    private static IReadOnlyList<string> Runs(IReadOnlyList<SceneFact> facts)
    {
        var runs = new List<string>();
        for (var i = 0; i + 1 < facts.Count; i++)
        {
            if (facts[i].Thing == facts[i + 1].Thing && (runs.Count == 0 || runs[^1] != facts[i].Thing))
                runs.Add(facts[i].Thing);
        }
        return runs;
    }

    private static IReadOnlyList<SceneFact> Facts(IEnumerable<FrameCaption> captions) =>
        [.. captions.Select(caption => SceneLanguage.Parse(caption.Text)).OfType<SceneFact>()];

    private static IEnumerable<string> Things => SceneLanguage.Colours.SelectMany(colour => SceneLanguage.Shapes.Select(shape => $"{colour} {shape}"));
}
