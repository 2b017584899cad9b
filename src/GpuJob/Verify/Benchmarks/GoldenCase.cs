using System.Globalization;
using System.Text.Json;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

/// <summary>One scoring case: what went in, and what the benchmark's own code made of it.</summary>
internal sealed record GoldenCase(string Path, string Id, JsonElement Predictions, JsonElement Annotations, JsonElement Expected)
{
    /// <summary>Half a unit of the fourth decimal.</summary>
    private const double FourDecimals = 0.5e-4;

    public static GoldenCase Of(string path, JsonElement json) => new(
        path, json.GetProperty("id").GetString()!, json.GetProperty("predictions"), json.GetProperty("annotations"), json.GetProperty("expected"));

    /// <summary>Texts, letters, yes or no: identical.</summary>
    public static Finding Same(string what, object? expected, object? found) =>
        new(what, Equals(expected, found) ? 0 : 1, 0, $"is {Shown(found)} instead of {Shown(expected)}");

    /// <summary>Numbers: to four decimals.</summary>
    public static Finding Near(string what, double expected, double? found) => found is { } number
        ? new(what, Math.Abs(number - expected), FourDecimals, string.Create(CultureInfo.InvariantCulture, $"{number:R} instead of {expected:R}"))
        : Finding.Failed(what, string.Create(CultureInfo.InvariantCulture, $"no number instead of {expected:R}"));

    /// <summary>A number that the reference printed with one decimal.</summary>
    public static Finding Printed(string what, double expected, double? found) =>
        Same(what, expected.ToString("F1", CultureInfo.InvariantCulture), found?.ToString("F1", CultureInfo.InvariantCulture));

    /// <summary>What is expected of each answer: `expected` is an object by answer.</summary>
    public IEnumerable<Finding> EachAnswer(Func<string, JsonElement, Finding> compare) => Expected.EnumerateObject().Select(member => compare(member.Name, member.Value));

    /// <summary>What is expected of each answer: `expected` and `predictions` are lists in step.</summary>
    public IEnumerable<Finding> InStep(Func<JsonElement, JsonElement, Finding> compare) =>
        Predictions.GetArrayLength() == Expected.GetArrayLength()
            ? Predictions.EnumerateArray().Zip(Expected.EnumerateArray(), compare) : [Finding.Failed("list", "predictions and expected are not in step")];

    /// <summary>The figure of a score, by its name.</summary>
    public static double? Figure(IReadOnlyList<ScoreFigure> figures, string name) => figures.Single(figure => figure.Name == name).Value;

    public static string? Text(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString() : null;

    public static IReadOnlyList<string> Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString()!)];

    private static string Shown(object? value) => value is null ? "nothing" : $"'{value}'".ReplaceLineEndings("\\n");
}
