namespace Tpo.Shared.Benchmarks;

/// <summary>How answers of a multiple-choice benchmark are asked for and read.</summary>
/// <param name="Parse">the letter that an answer names, or null; the number is how many letters the question offers, A onwards</param>
public sealed record ChoiceBenchmark(string Name, string Protocol, int MaxNewTokens, Func<string, int, string?> Parse);

/// <summary>The four in whose forms the small model is taught and examined; <see cref="KnownBenchmarks"/> has all.</summary>
public static class ChoiceBenchmarks
{
    public static IReadOnlyList<ChoiceBenchmark> All { get; } =
    [
        new("LongVideoBench", LongVideoBench.Protocol, LongVideoBench.MaxNewTokens, (answer, _) => LongVideoBench.Parse(answer)),
        new("MLVU", Mlvu.Protocol, Mlvu.MaxNewTokens, (answer, _) => Mlvu.Parse(answer)),
        new("Video-MME", VideoMme.Protocol, VideoMme.MaxNewTokens, (answer, _) => VideoMme.Parse(answer)),
        new("NExT-GQA", NextGqa.Protocol, NextGqa.MaxNewTokens, NextGqa.Parse),
    ];
}
