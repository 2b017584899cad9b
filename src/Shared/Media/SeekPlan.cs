namespace Tpo.Shared.Media;

/// <summary>A piece of a video to decode: from a key frame to the last of the wanted frames in it.</summary>
/// <param name="From">the key frame's index; 0 = the file's beginning, where a key frame that is not shown may stand</param>
/// <param name="Wanted">indices of frames, rising</param>
public sealed record Stretch(int From, IReadOnlyList<int> Wanted)
{
    /// <summary>Frames that have to be decoded.</summary>
    public int Decoded => Wanted[^1] - From + 1;
}

/// <summary>Which pieces to decode for some frames. Pure.</summary>
public static class SeekPlan
{
    /// <summary>Opening the file at another place costs about as much as decoding so many frames more.</summary>
    private const int FramesPerSeek = 12;

    /// <summary>
    /// The stretches, in order; null where one pass from the beginning decodes hardly more than they do.
    /// </summary>
    /// <param name="wanted">rising, none twice, all of them in the table</param>
    public static IReadOnlyList<Stretch>? Of(FrameTable table, IReadOnlyList<int> wanted)
    {
        var stretches = new List<Stretch>();
        foreach (var index in wanted)
        {
            var key = index;
            while (key > 0 && !table.IsKey[key])
                key--;
            if (stretches.Count > 0 && stretches[^1] is var last && key <= last.Wanted[^1] + FramesPerSeek)
                stretches[^1] = last with { Wanted = [.. last.Wanted, index] };
            else
                stretches.Add(new Stretch(key, [index]));
        }
        return 3L * stretches.Sum(stretch => stretch.Decoded + FramesPerSeek) < 2L * (wanted[^1] + 1) ? stretches : null;
    }
}
