namespace Tpo.Shared.Media;

/// <summary>The argument of ffmpeg's `select` filter that lets some frames through.</summary>
public static class FrameSelection
{
    /// <summary>ffmpeg's expressions take fewer than a hundred terms side by side; sums of sums take any number.</summary>
    private const int Terms = 50;

    /// <summary>Frames by their number in the decoder's output.</summary>
    public static string OfNumbers(IEnumerable<long> numbers) => $"select='{Among("n", numbers)}'";

    /// <summary>Frames by their time stamp. A frame that the decoder gives behind a later one is dropped: whoever counts notices.</summary>
    public static string OfTimes(IEnumerable<long> times) =>
        $"select='({Among("pts", times)})*(isnan(prev_selected_pts)+gt(pts,prev_selected_pts))'";

    private static string Among(string variable, IEnumerable<long> values)
    {
        IReadOnlyList<string> terms = [.. values.Select(value => $"eq({variable},{value})")];
        while (terms.Count > Terms)
            terms = [.. terms.Chunk(Terms).Select(some => $"({string.Join('+', some)})")];
        return string.Join('+', terms);
    }
}
