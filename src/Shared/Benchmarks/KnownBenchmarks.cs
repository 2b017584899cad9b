namespace Tpo.Shared.Benchmarks;

/// <summary>Every benchmark that this product reads, asks and scores, one file each.</summary>
public static class KnownBenchmarks
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        LongVideoBench.Benchmark,
        Mlvu.Benchmark,
        VideoMme.Benchmark,
        VideoHallucer.Benchmark,
        NextGqa.Benchmark,
        MvBench.Benchmark,
        TempCompass.Benchmark,
        TvBench.Benchmark,
        VidHalluc.Benchmark,
        EventHallusion.Benchmark,
        LvBench.Benchmark,
    ];

    /// <summary>By its slug ("video-mme"); null where there is none.</summary>
    public static Benchmark? Find(string slug) => All.FirstOrDefault(benchmark => string.Equals(benchmark.Slug, slug, StringComparison.OrdinalIgnoreCase));
}
