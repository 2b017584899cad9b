using System.Diagnostics;

namespace Tpo.Shared.Models;

internal static class StopwatchLaps
{
    /// <summary>Seconds since it was started or asked last.</summary>
    public static double Lap(this Stopwatch clock)
    {
        var seconds = clock.Elapsed.TotalSeconds;
        clock.Restart();
        return seconds;
    }
}
