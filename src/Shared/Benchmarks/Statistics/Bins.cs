namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>Into which bin a question falls: by the length of its video, by where in the video the evidence lies.</summary>
public static class Bins
{
    /// <summary>Upper ends in seconds, exclusive; what is longer falls into the last bin.</summary>
    private static readonly (double Below, string Name)[] Lengths =
        [(60, "below 1 min"), (180, "1 to 3 min"), (600, "3 to 10 min"), (1800, "10 to 30 min"), (3600, "30 to 60 min"), (double.PositiveInfinity, "1 h and more")];

    private static readonly string[] Fifths = ["first fifth", "second fifth", "third fifth", "fourth fifth", "last fifth"];

    public static IReadOnlyList<string> LengthNames { get; } = [.. Lengths.Select(bin => bin.Name)];
    public static IReadOnlyList<string> EvidenceNames => Fifths;

    public static string Length(double seconds) => Lengths.First(bin => seconds < bin.Below).Name;

    /// <param name="share">0 = the video's beginning, 1 = its end</param>
    public static string Evidence(double share) => Fifths[(int)Math.Clamp(share * Fifths.Length, 0, Fifths.Length - 1)];
}
