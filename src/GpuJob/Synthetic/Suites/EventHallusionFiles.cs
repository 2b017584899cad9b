using System.Text.Json.Nodes;
using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>
/// EventHallusion's three splits, a third of the videos each: something that is not shown (no), what is shown (yes), and the order of two events turned
/// round (no). A video's id is its split and its name.
/// </summary>
internal static class EventHallusionFiles
{
    private static readonly string[] Splits = ["entire", "interleave", "misleading"];

    public static IEnumerable<(string File, JsonNode Content)> Of(IReadOnlyList<SuiteQuestion> questions) =>
        questions.Select(question => question.Video).Distinct().Index().GroupBy(video => Splits[video.Index % Splits.Length], video => video.Item)
            .Select(split => ($"{split.Key}_questions.json", (JsonNode)new JsonArray([.. split.Select(video => Record(split.Key, video))])));

    private static JsonNode Record(string split, SyntheticVideo video)
    {
        var shown = video.Sights();
        var (question, answer) = split switch
        {
            "entire" => ($"Is a {Absent(shown)} shown in the video?", "No."),
            "interleave" => ($"Is a {shown[^1].Thing} shown in the video?", "Yes."),
            _ => ($"Is a {shown[^1].Thing} the first thing that is shown in the video?", "No."),
        };
        var caption = SceneLanguage.ListAnswer(shown.Select(sight => sight.Thing));
        var info = new JsonObject { ["object"] = MiniatureSuites.Texts(shown.Select(sight => sight.Thing)), ["scene"] = "Shapes on a dark ground.", ["caption"] = caption };
        info[split == "interleave" ? "unexpected" : "bias"] = split == "interleave" ? caption : SceneLanguage.ListAnswer(shown.Select(sight => sight.Thing).Reverse());
        return new JsonObject
        {
            ["id"] = $"{split}_{video.Name}", ["category"] = "shapes", ["length"] = SceneLanguage.Clock((int)video.DurationSeconds), ["event_info"] = info,
            ["questions"] = new JsonArray(new JsonObject { ["type"] = "hallucination", ["question"] = question, ["answer"] = answer }),
        };
    }

    private static string Absent(IReadOnlyList<Sight> shown) =>
        SceneLanguage.Colours.SelectMany(colour => SceneLanguage.Shapes.Select(shape => $"{colour} {shape}")).First(thing => shown.All(sight => sight.Thing != thing));
}
