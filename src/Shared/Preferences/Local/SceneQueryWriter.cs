namespace Tpo.Shared.Preferences.Local;

/// <summary>
/// Writes the questions of the small model's world from its captions: no network, no chance, the same captions always give the same questions.
/// A localized question is asked only where its cue (the shape, the thing) shows nowhere beyond the segment's guard band.
/// </summary>
public sealed class SceneQueryWriter : IQueryWriter
{
    /// <summary>A list of more things than this is longer than an answer should be.</summary>
    private const int LongestList = 8;
    private const int MostComprehensive = 16;

    public string PromptId => "scene-queries@1";

    public Task<WrittenQueries> WriteAsync(CaptionedVideo video, int seed, CancellationToken cancellation)
    {
        var queries = new List<Query>();
        var none = new List<NoQuery>();
        foreach (var segment in video.Segments)
            AboutSegment(video, segment, queries, none);
        AboutWhole(Scene.Timeline(video), queries, none);
        return Task.FromResult(new WrittenQueries { VideoId = video.VideoId, PromptId = PromptId, Queries = queries, None = none, Cost = Cost.None });
    }

    private static void AboutSegment(CaptionedVideo video, PlannedSegment segment, List<Query> queries, List<NoQuery> none)
    {
        var scene = Scene.Of(video.Inside(segment));
        if (scene.Thing is null)
        {
            none.Add(new NoQuery(PairKind.Localized, segment.Index, "captions-disagree"));
            return;
        }
        var elsewhere = video.Outside(segment).Select(caption => SceneLanguage.Parse(caption.Text)).OfType<SceneFact>().ToList();
        var (colour, shape) = (scene.Thing.Split(' ')[0], scene.Thing.Split(' ')[1]);
        if (elsewhere.Any(fact => fact.Shape == shape))
            none.Add(new NoQuery(PairKind.Localized, segment.Index, "shape-recurs"));
        else
            Add(QueryTypes.Object, SceneLanguage.ColourOf(shape), SceneLanguage.ColourAnswer(new SceneFact(colour, shape, "")));

        if (scene.Fact is null)
            none.Add(new NoQuery(PairKind.Localized, segment.Index, "place-unclear"));
        else if (elsewhere.Any(fact => fact.Thing == scene.Thing))
            none.Add(new NoQuery(PairKind.Localized, segment.Index, "thing-recurs"));
        else
            Add(QueryTypes.Spatial, SceneLanguage.PlaceOf(scene.Thing), SceneLanguage.PlaceAnswer(scene.Fact));

        void Add(string type, string text, string answer) =>
            queries.Add(new Query($"{Views.Segment(segment.Index)}/{type}", PairKind.Localized, segment.Index, text, type, answer));
    }

    private static void AboutWhole(IReadOnlyList<string?> things, List<Query> queries, List<NoQuery> none)
    {
        if (things.Distinct().Count() < 2)
        {
            none.Add(new NoQuery(PairKind.Comprehensive, null, things.Contains(null) ? "captions-disagree" : "one-scene"));
            return;
        }
        var asked = new List<(string Type, string Text, string Answer)>();
        if (things[0] is { } first)
            asked.Add((QueryTypes.Temporal, SceneLanguage.ShownFirst, SceneLanguage.ThingAnswer(first)));
        if (things[^1] is { } last)
            asked.Add((QueryTypes.Temporal, SceneLanguage.ShownLast, SceneLanguage.ThingAnswer(last)));
        if (!things.Contains(null) && things.Count <= LongestList)
            asked.Add((QueryTypes.Summarization, SceneLanguage.ListInOrder, SceneLanguage.ListAnswer(things!)));
        for (var i = 0; i + 1 < things.Count; i++)
        {
            if (things[i] is not { } before || things[i + 1] is not { } after)
                continue;
            if (things.Count(thing => thing == before) == 1)
                asked.Add((QueryTypes.Temporal, SceneLanguage.After(before), SceneLanguage.ThingAnswer(after)));
            if (things.Count(thing => thing == after) == 1)
                asked.Add((QueryTypes.Temporal, SceneLanguage.Before(after), SceneLanguage.ThingAnswer(before)));
        }
        if (asked.Count == 0)
            none.Add(new NoQuery(PairKind.Comprehensive, null, "captions-disagree"));
        queries.AddRange(asked.Take(MostComprehensive).Select((query, i) =>
            new Query($"{Views.Whole}/{i}", PairKind.Comprehensive, null, query.Text, query.Type, query.Answer)));
    }
}
