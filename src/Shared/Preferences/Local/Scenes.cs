namespace Tpo.Shared.Preferences.Local;

/// <summary>
/// What the captions of one scene agree on. A captioner errs now and then, so one frame proves nothing: a statement counts where more than half
/// of the scene's frames make it and no rival statement is made by two frames or more.
/// </summary>
/// <param name="Thing">"red circle"; null where the frames do not agree</param>
/// <param name="Fact">the thing with its place; null where they do not agree on both</param>
public sealed record Scene(string? Thing, SceneFact? Fact)
{
    public static Scene Of(IReadOnlyCollection<FrameCaption> captions)
    {
        var facts = captions.Select(caption => SceneLanguage.Parse(caption.Text)).ToList();
        return new Scene(Agreed(facts, fact => fact.Thing), Agreed(facts, fact => fact));
    }

    private static T? Agreed<T>(List<SceneFact?> facts, Func<SceneFact, T> statement) where T : class
    {
        var counts = facts.OfType<SceneFact>().GroupBy(statement).Select(group => (Statement: group.Key, Count: group.Count()))
            .OrderByDescending(group => group.Count).ToList();
        if (counts.Count == 0 || counts[0].Count * 2 <= facts.Count)
            return null;
        return counts.Count > 1 && counts[1].Count > 1 ? null : counts[0].Statement;
    }

    /// <summary>The video as the order of its scenes' things, cut at the shots; adjacent equal ones are one, and null is a scene not understood.</summary>
    public static IReadOnlyList<string?> Timeline(CaptionedVideo video)
    {
        double[] starts = [0, .. video.Cuts];
        var things = new List<string?>();
        for (var i = 0; i < starts.Length; i++)
        {
            var end = i + 1 < starts.Length ? starts[i + 1] : double.PositiveInfinity;
            var thing = Of([.. video.All.Where(caption => caption.TimeSeconds >= starts[i] && caption.TimeSeconds < end)]).Thing;
            if (thing is null || things.Count == 0 || things[^1] != thing)
                things.Add(thing);
        }
        return things;
    }
}
