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

    /// <summary>Python's `{:.2f}`: the exact value of the double decides, and a tie goes to the even digit (0.125 → 0.12). .NET's F2 does the same.</summary>
    private static string TwoDecimals(double seconds) => seconds.ToString("F2", CultureInfo.InvariantCulture);
}
