using System.Globalization;

namespace Tpo.Shared.Models;

/// <summary>LLaVA-Video's sentence that tells when the frames were taken.</summary>
public static class TimeInstruction
{
    /// <param name="videoSeconds">length of the whole video</param>
    /// <param name="frameSeconds">time of every frame that the model sees, in order</param>
    public static string For(double videoSeconds, IReadOnlyCollection<double> frameSeconds) =>
        $"The video lasts for {TwoDecimals(videoSeconds)} seconds, and {frameSeconds.Count} frames are uniformly sampled from it. "
        + $"These frames are located at {string.Join(',', frameSeconds.Select(seconds => $"{TwoDecimals(seconds)}s"))}."
        + "Please answer the following questions related to this video.";

    /// <summary>
    /// Python's `{:.2f}`: exact ties go to the even digit (0.125 → 0.12), where .NET goes away from zero. A double is exactly between two
    /// hundredths only when it is an odd number of eighths; frame times of 8, 16 or 24 frames a second often are.
    /// </summary>
    internal static string TwoDecimals(double seconds) =>
        (Math.Abs(seconds) < 1e12 && Math.Abs(seconds * 8 % 2) == 1 ? Math.Round((decimal)seconds, 2, MidpointRounding.ToEven) : seconds as IFormattable)
        .ToString("F2", CultureInfo.InvariantCulture);
}
