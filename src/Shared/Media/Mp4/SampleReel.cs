using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tpo.Shared.Media.Mp4;

/// <summary>
/// A little MP4 file of some of another one's samples, 25 a second, in their order of decoding: the same pictures for a decoder, and nothing else to read.
/// Time i of its frames is i in order of showing, so a frame is known by its time.
/// </summary>
internal static class SampleReel
{
    private const int TicksPerSecond = 25;

    /// <summary>Writes the reel.</summary>
    /// <param name="samples">places in the index, rising: in order of decoding</param>
    /// <returns>each sample's time in the reel, in ticks of 1/25 s</returns>
    /// <exception cref="EndOfStreamException">The file is shorter than its index says.</exception>
    public static async Task<IReadOnlyDictionary<int, long>> WriteAsync(string path, Mp4Index index, IReadOnlyList<int> samples, SafeFileHandle source, CancellationToken cancellation)
    {
        int[] places = Ranks(samples.Select(sample => index.Samples[sample].Ticks));
        var delay = places.Select((place, i) => i - place).Max();
        await using var reel = File.Create(path);
        var head = Box("ftyp", "isom"u8.ToArray(), Numbers(0x200), "isomavc1"u8.ToArray());
        await reel.WriteAsync(head, cancellation);
        await reel.WriteAsync(WideHead("mdat", samples.Sum(sample => (long)index.Samples[sample].Bytes)), cancellation);
        foreach (var sample in samples)
            await CopyAsync(source, index.Samples[sample], reel, cancellation);
        await reel.WriteAsync(Movie(index, samples, [.. places.Select((place, i) => place + delay - i)], head.Length + 16), cancellation);
        return samples.Zip(places).ToDictionary(pair => pair.First, pair => (long)pair.Second + delay);
    }

    private static async Task CopyAsync(SafeFileHandle source, Mp4Sample sample, FileStream reel, CancellationToken cancellation)
    {
        var bytes = new byte[sample.Bytes];
        if (await RandomAccess.ReadAsync(source, bytes, sample.Offset, cancellation) < bytes.Length)
            throw new EndOfStreamException("The file ends before its index does.");
        await reel.WriteAsync(bytes, cancellation);
    }

    /// <summary>What describes the pictures is the source's; what says where and when they are is new.</summary>
    private static byte[] Movie(Mp4Index index, IReadOnlyList<int> samples, int[] delays, int offset)
    {
        var (media, count) = (index.Track.Child("mdia"), samples.Count);
        var information = media.Child("minf");
        var table = Box("stbl",
            information.Child("stbl").Child("stsd").Whole.ToArray(),
            Box("stts", Numbers(0, 1, count, 1)),
            Box("ctts", Numbers([0, count, .. delays.SelectMany(each => new[] { 1, each })])),
            Box("stss", Numbers([0, .. Counted([.. samples.Select((sample, i) => index.Samples[sample].IsKey ? i + 1 : 0).Where(number => number > 0)])])),
            Box("stsc", Numbers(0, 1, 1, count, 1)),
            Box("stsz", Numbers([0, 0, count, .. samples.Select(sample => index.Samples[sample].Bytes)])),
            Box("stco", Numbers(0, 1, offset)));
        var clock = media.Child("mdhd").Whole.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(clock.AsSpan(media.Child("mdhd").Version == 1 ? 8 + 20 : 8 + 12), TicksPerSecond);
        return Box("moov", index.Movie.Child("mvhd").Whole.ToArray(), Box("trak",
            index.Track.Child("tkhd").Whole.ToArray(),
            Box("mdia", clock, media.Child("hdlr").Whole.ToArray(), Box("minf", [.. Others(information), table]))));
    }

    private static IEnumerable<byte[]> Others(Mp4Box information) => information.Children.Where(box => box.Type != "stbl").Select(box => box.Whole.ToArray());

    private static int[] Counted(int[] values) => [values.Length, .. values];

    /// <summary>Each time's place among them all.</summary>
    private static int[] Ranks(IEnumerable<long> times)
    {
        var ranks = new int[times.Count()];
        var rank = 0;
        foreach (var (_, at) in times.Select((time, at) => (time, at)).OrderBy(pair => pair.time))
            ranks[at] = rank++;
        return ranks;
    }

    private static byte[] Box(string type, params byte[][] parts) =>
        [.. Numbers(8 + parts.Sum(part => part.Length)), .. Encoding.Latin1.GetBytes(type), .. parts.SelectMany(part => part)];

    private static byte[] WideHead(string type, long content)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(length, content + 16);
        return [.. Numbers(1), .. Encoding.Latin1.GetBytes(type), .. length];
    }

    private static byte[] Numbers(params int[] values)
    {
        var bytes = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }
}
