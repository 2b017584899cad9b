namespace Tpo.Shared.Media;

/// <summary>The argument of ffmpeg's `select` filter that lets some frames through.</summary>
public static class FrameSelection
{
    /// <summary>ffmpeg's expressions take fewer than a hundred terms side by side; sums of sums take any number.</summary>
    private const int Terms = 50;

    /// <param name="variable">n = the frame's number, pts = its time stamp</param>
    public static string Of(string variable, IEnumerable<long> values)
    {
        IReadOnlyList<string> terms = [.. values.Select(value => $"eq({variable},{value})")];
        while (terms.Count > Terms)
            terms = [.. terms.Chunk(Terms).Select(some => $"({string.Join('+', some)})")];
        return $"select='{string.Join('+', terms)}'";
    }
}
