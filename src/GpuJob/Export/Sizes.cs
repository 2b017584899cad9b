namespace Tpo.GpuJob.Export;

/// <summary>Bytes for people.</summary>
internal static class Sizes
{
    public static string Of(long bytes) => bytes switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e9:F1} GB"),
        >= 1_000_000 => FormattableString.Invariant($"{bytes / 1e6:F1} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e3:F1} kB"),
    };
}
