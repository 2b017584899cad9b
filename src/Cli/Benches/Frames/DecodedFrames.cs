using System.Globalization;
using System.Text.RegularExpressions;
using Tpo.Shared.Media;

namespace Tpo.Cli.Benches.Frames;

/// <summary>How many frames ffmpeg decoded for a plan, by its own reports (FFREPORT), against the fewest that could do.</summary>
internal static partial class DecodedFrames
{
    public static async Task<(long Decoded, long Least)> CountAsync(LongVideo video, FramePlan plan, int side, int keysEvery, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("tpo-bench-");
        try
        {
            // Reports are named by the second: so one frame after the other, each in a second of its own, and a few stand for all.
            int[] some = [.. plan.Indices.Where((_, i) => i % 4 == 1)];
            Environment.SetEnvironmentVariable("FFREPORT", $"file={folder.FullName}/%p-%t.log:level=40");
            long decoded = 0;
            foreach (var index in some)
            {
                await new FrameExtractor(Surroundings.MediaSettings).ExtractAsync(video.Path, new FramePlan(plan.View, [index], [0]), side, side, cancellation);
                await Task.Delay(TimeSpan.FromSeconds(1.1), cancellation);
            }
            foreach (var report in folder.EnumerateFiles())
                decoded += Decoded().Matches(await File.ReadAllTextAsync(report.FullName, cancellation)).Sum(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            return (decoded, some.Sum(index => (long)(index % keysEvery + 1)));
        }
        finally
        {
            Environment.SetEnvironmentVariable("FFREPORT", null);
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"Input stream #\d+:\d+ \(video\): \d+ packets read \(\d+ bytes\); (\d+) frames decoded")]
    private static partial Regex Decoded();
}
