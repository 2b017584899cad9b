using System.Globalization;

namespace Tpo.Shared.Benchmarks;

/// <summary>The `Number`-th of `Count` parts of a suite's videos, 1 onwards: every Count-th video of the file's order, so that parts are alike.</summary>
public sealed record VideoPart(int Number, int Count)
{
    /// <param name="text">"2/5"; null and what is no part give null</param>
    public static VideoPart? TryParse(string? text) =>
        text?.Split('/') is [var number, var count] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var k) && n >= 1 && n <= k ? new VideoPart(n, k) : null;

    /// <summary>A unit's questions stay together: it goes with its first video.</summary>
    public IReadOnlyList<BenchmarkQuestion> Of(IReadOnlyList<BenchmarkQuestion> questions)
    {
        var first = questions.GroupBy(question => question.Unit ?? question.Id).ToDictionary(unit => unit.Key, unit => unit.First().VideoId);
        var places = first.Values.Distinct().Index().ToDictionary(video => video.Item, video => video.Index);
        return [.. questions.Where(question => places[first[question.Unit ?? question.Id]] % Count == Number - 1)];
    }
}
