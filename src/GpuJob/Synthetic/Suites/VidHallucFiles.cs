using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>
/// VidHalluc's four tasks: what one video shows and another does not; the questions with their letters; the order of a video's first two events, named in
/// either order; and from what to what a video changes.
/// </summary>
internal static class VidHallucFiles
{
    public static IEnumerable<(string File, JsonNode Content)> Of(IReadOnlyList<SuiteQuestion> questions)
    {
        SyntheticVideo[] videos = [.. questions.Select(question => question.Video).Distinct()];
        return
        [
            ($"{VidHalluc.BinaryQa}.json", Numbered(videos.Select(video => (JsonNode)new JsonArray(Binary(video, videos))))),
            ($"{VidHalluc.Choice}.json", Numbered(questions.Select(question => (JsonNode)new JsonObject { [question.Video.Name] = Choice(question) }))),
            ($"{VidHalluc.Order}.json", Numbered(videos.Select(Order))),
            ($"{VidHalluc.Scenes}.json", new JsonObject(videos.Select(video => KeyValuePair.Create(video.Name, (JsonNode?)Scenes(video))))),
        ];
    }

    private static JsonObject Numbered(IEnumerable<JsonNode> entries) => new(entries.Select((entry, i) => KeyValuePair.Create($"{i}", (JsonNode?)entry)));

    /// <summary>With the first other video that does not show it, where there is one.</summary>
    private static JsonObject Binary(SyntheticVideo video, IEnumerable<SyntheticVideo> videos)
    {
        var thing = video.Sights()[0].Thing;
        var clips = new JsonObject { [video.Name] = "Yes" };
        if (videos.FirstOrDefault(other => other.Sights().All(sight => sight.Thing != thing)) is { } other)
            clips[other.Name] = "No";
        return new JsonObject { ["q"] = $"Is a {thing} shown?", ["a"] = clips };
    }

    private static JsonObject Choice(SuiteQuestion question) => new()
    {
        ["Question"] = question.Choice.Open.Question,
        ["Choices"] = new JsonObject(question.Choice.Candidates.Select((text, i) => KeyValuePair.Create($"{(char)('A' + i)}", (JsonNode?)text))),
        ["Correct Answer"] = question.Choice.Letter,
    };

    private static JsonNode Order(SyntheticVideo video, int number)
    {
        var (first, second, isTurned) = (video.Sights()[0].Thing, video.Sights()[1].Thing, number % 2 == 1);
        return new JsonObject
        {
            ["video"] = video.Name,
            ["Question"] = $"Below are two actions in the video. Action A. A {(isTurned ? second : first)} is shown. Action B. A {(isTurned ? first : second)} is shown. ",
            ["Correct Answer"] = isTurned ? "BA" : "AB",
        };
    }

    private static JsonObject Scenes(SyntheticVideo video) => new()
    {
        ["Scene change"] = "Yes", ["Locations"] = $"from a {video.Sights()[0].Thing} to a {video.Sights()[^1].Thing}.",
    };
}
