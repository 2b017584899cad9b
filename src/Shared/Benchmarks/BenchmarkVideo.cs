namespace Tpo.Shared.Benchmarks;

/// <summary>A video that a suite asks about, by its bytes: pairs about it may not be trained on.</summary>
public sealed record BenchmarkVideo(string Sha256, string Suite, string VideoId);
