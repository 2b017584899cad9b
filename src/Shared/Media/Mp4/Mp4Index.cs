using System.Buffers.Binary;

namespace Tpo.Shared.Media.Mp4;

/// <summary>A coded picture of an MP4 file, in order of decoding.</summary>
/// <param name="Ticks">when it is shown, as ffmpeg tells it: behind the edit list</param>
/// <param name="IsKey">whether the file says that decoding can begin here</param>
internal readonly record struct Mp4Sample(long Offset, int Bytes, long Ticks, bool IsKey);

/// <summary>
/// The index of an MP4 file's H.264 track, as the file itself has it (ISO/IEC 14496-12, 8.6 and 8.7): read in milliseconds, where reading every
/// packet takes as long as the file. Only plain files have one here: one kind of pictures, no fragments, an edit list that hides nothing.
/// </summary>
/// <param name="LengthBytes">how many bytes hold a unit's length inside a sample</param>
internal sealed record Mp4Index(Mp4Box Movie, Mp4Box Track, Mp4Sample[] Samples, FrameTable Table, int LengthBytes)
{
    private const int MostBytes = 256 << 20;

    /// <summary>The index, or null where the file is another kind, damaged or not plain: then ffmpeg reads it.</summary>
    public static Mp4Index? TryRead(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Mp4Box.Movie(file, MostBytes) is { } movie ? Of(movie, file.Length) : null;
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>For frame i, in order of showing, its sample's place in order of decoding.</summary>
    public int[] InOrderOfShowing() => [.. Enumerable.Range(0, Samples.Length).OrderBy(sample => Samples[sample].Ticks)];

    private static Mp4Index? Of(Mp4Box movie, long fileBytes)
    {
        if (movie.TryChild("mvex") is not null)
            return null;
        var track = movie.Children.FirstOrDefault(box => box.Type == "trak" && box.Child("mdia").Child("hdlr").Fields[4..8].SequenceEqual("vide"u8));
        if (track.Type is null)
            return null;
        var table = track.Child("mdia").Child("minf").Child("stbl");
        var pictures = table.Child("stsd");
        if (Number(pictures.Fields) != 1 || !(pictures.Fields[8..12].SequenceEqual("avc1"u8) || pictures.Fields[8..12].SequenceEqual("avc3"u8)))
            return null;

        var lengthBytes = UnitLengthBytes(pictures);
        var sizes = Sizes(table.Child("stsz"));
        var offsets = Offsets(table, sizes);
        var shown = Times(table, sizes.Length);
        if (sizes.Contains(0) || offsets.Zip(sizes).Any(sample => sample.First < 0 || sample.First + sample.Second > fileBytes) || !IsShownWhole(movie, track, shown, out var start))
            return null;
        bool[] keys = [.. Enumerable.Repeat(table.TryChild("stss") is null, sizes.Length)];
        if (table.TryChild("stss") is { } sync)
            for (var i = 0; i < Number(sync.Fields); i++)
                keys[Number(sync.Fields[(4 + 4 * i)..]) - 1] = true;

        Mp4Sample[] samples = [.. sizes.Select((bytes, i) => new Mp4Sample(offsets[i], bytes, shown[i] - start, keys[i]))];
        Mp4Sample[] inOrder = [.. samples.OrderBy(sample => sample.Ticks)];
        return inOrder.Zip(inOrder.Skip(1)).Any(pair => pair.First.Ticks == pair.Second.Ticks) ? null
            : new Mp4Index(movie, track, samples,
                new FrameTable([.. inOrder.Select(sample => sample.Ticks)], [.. inOrder.Select(sample => sample.IsKey)], (1, Clock(track.Child("mdia").Child("mdhd")))), lengthBytes);
    }

    /// <summary>True where there is no edit list, or one that begins with the first picture, perhaps after a pause, and ends behind the last.</summary>
    /// <param name="start">what the edit list takes off every time</param>
    private static bool IsShownWhole(Mp4Box movie, Mp4Box track, long[] shown, out long start)
    {
        start = 0;
        if (track.TryChild("edts")?.TryChild("elst") is not { } list)
            return true;
        var edits = Edits(list);
        var ticksPerUnit = (double)Clock(track.Child("mdia").Child("mdhd")) / Clock(movie.Child("mvhd"));
        var pause = edits.Count == 2 && edits[0].From == -1 ? (long)Math.Round(edits[0].Length * ticksPerUnit) : 0;
        var (length, from, rate) = edits[^1];
        start = from - pause;
        return edits.Count == (pause > 0 ? 2 : 1) && rate == 0x10000 && from == shown.Min() && shown.Max() - from < length * ticksPerUnit;
    }

    private static List<(long Length, long From, int Rate)> Edits(Mp4Box list)
    {
        var (fields, wide) = (list.Content[8..], list.Version == 1);
        return [.. Enumerable.Range(0, Number(list.Fields)).Select(i => wide
            ? (BinaryPrimitives.ReadInt64BigEndian(fields.Span[(20 * i)..]), BinaryPrimitives.ReadInt64BigEndian(fields.Span[(20 * i + 8)..]), Number(fields.Span[(20 * i + 16)..]))
            : ((long)Number(fields.Span[(12 * i)..]), (long)BinaryPrimitives.ReadInt32BigEndian(fields.Span[(12 * i + 4)..]), Number(fields.Span[(12 * i + 8)..])))];
    }

    /// <summary>From the decoder's configuration (ISO/IEC 14496-15, 5.3.3).</summary>
    private static int UnitLengthBytes(Mp4Box pictures)
    {
        const int entry = 8 + 78; // of a picture format: its head, and the fields before its boxes
        var format = pictures.Content[8..];
        foreach (var box in Mp4Box.Of(format[entry..Number(format.Span)]))
            if (box.Type == "avcC")
                return 1 + (box.Content.Span[4] & 3);
        throw new InvalidDataException("The pictures have no decoder configuration.");
    }

    private static int[] Sizes(Mp4Box box)
    {
        var (same, count) = (Number(box.Fields), Number(box.Fields[4..]));
        if (count is 0 or > VideoProbe.MostFrames)
            throw new InvalidDataException($"The track has {count} samples.");
        var sizes = new int[count];
        for (var i = 0; i < count; i++)
            sizes[i] = same > 0 ? same : Number(box.Fields[(8 + 4 * i)..]);
        return sizes;
    }

    /// <summary>Samples lie in chunks; runs of chunks have as many samples each.</summary>
    private static long[] Offsets(Mp4Box table, int[] sizes)
    {
        var wide = table.TryChild("co64");
        var runs = table.Child("stsc").Fields;
        var chunks = (wide ?? table.Child("stco")).Fields;
        var (chunkCount, runCount) = (Number(chunks), Number(runs));
        var offsets = new long[sizes.Length];
        var (run, sample) = (0, 0);
        for (var chunk = 0; chunk < chunkCount && sample < sizes.Length; chunk++)
        {
            while (run + 1 < runCount && Number(runs[(4 + 12 * (run + 1))..]) <= chunk + 1)
                run++;
            var at = wide is null ? BinaryPrimitives.ReadUInt32BigEndian(chunks[(4 + 4 * chunk)..]) : BinaryPrimitives.ReadInt64BigEndian(chunks[(4 + 8 * chunk)..]);
            for (var left = Number(runs[(8 + 12 * run)..]); left > 0 && sample < sizes.Length; left--)
            {
                offsets[sample] = at;
                at += sizes[sample++];
            }
        }
        return sample == sizes.Length ? offsets : throw new InvalidDataException($"Only {sample} of {sizes.Length} samples have a place.");
    }

    /// <summary>When each sample is shown, in the track's own ticks: its time of decoding and its delay.</summary>
    private static long[] Times(Mp4Box table, int count)
    {
        var times = new long[count];
        var (sample, time) = (0, 0L);
        foreach (var (many, each) in Runs(table.Child("stts")))
            for (var i = 0; i < many && sample < count; i++, time += each)
                times[sample++] = time;
        if (sample < count)
            throw new InvalidDataException($"Only {sample} of {count} samples have a time.");
        sample = 0;
        if (table.TryChild("ctts") is { } delays)
            foreach (var (many, each) in Runs(delays))
                for (var i = 0; i < many && sample < count; i++)
                    times[sample++] += each;
        return times;
    }

    /// <summary>Pairs of a count and a value; values beyond 31 bits would be negative ones, which ffmpeg moves by rules of its own.</summary>
    private static List<(int Many, int Each)> Runs(Mp4Box box) =>
        [.. Enumerable.Range(0, Number(box.Fields)).Select(i => (Number(box.Fields[(4 + 8 * i)..]), Number(box.Fields[(8 + 8 * i)..])))];

    private static int Clock(Mp4Box header) => Number(header.Fields[(header.Version == 1 ? 16 : 8)..]) is > 0 and var ticks
        ? ticks : throw new InvalidDataException("A clock without ticks.");

    /// <exception cref="OverflowException">It has more than 31 bits.</exception>
    private static int Number(ReadOnlySpan<byte> bytes) => checked((int)BinaryPrimitives.ReadUInt32BigEndian(bytes));
}
