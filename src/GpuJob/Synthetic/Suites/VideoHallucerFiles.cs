using System.Text.Json.Nodes;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>
/// VideoHallucer's pairs: whether the right option is it, and whether a wrong one is. Three subsets; the two about knowledge beyond the video stay away, since
/// there is none beyond the world's.
/// </summary>
internal static class VideoHallucerFiles
{
    public static IEnumerable<(string File, JsonNode Content)> Of(IReadOnlyList<SuiteQuestion> questions) =>
        questions.GroupBy(question => SubsetOf(question.Kind).Subset)
            .Select(subset => ($"{subset.Key}.json", (JsonNode)new JsonArray([.. subset.Select(question => Pair(question))])));

    private static JsonNode Pair(SuiteQuestion question) => new JsonObject
    {
        ["basic"] = Member(question, question.Truth, "yes"), ["hallucination"] = Member(question, question.Falsehood, "no"), ["type"] = SubsetOf(question.Kind).Type,
    };

    private static JsonObject Member(SuiteQuestion question, string option, string answer) =>
        new() { ["video"] = $"{question.Video.Name}.mp4", ["question"] = question.Whether(option), ["answer"] = answer };

    private static (string Subset, string Type) SubsetOf(QuestionKind kind) => kind switch
    {
        QuestionKind.Place => ("object_relation", "relation"),
        QuestionKind.ShownWith => ("object_relation", "subject"),
        QuestionKind.When => ("temporal", "temporal_absolute"),
        _ when kind.IsOfOrder() => ("temporal", "temporal_relative"),
        _ => ("semantic_detail", "semantic_detail"),
    };
}
