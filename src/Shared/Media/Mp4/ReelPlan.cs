using Microsoft.Win32.SafeHandles;

namespace Tpo.Shared.Media.Mp4;

/// <summary>
/// Which samples of an H.264 file a decoder needs for some frames: those frames, and from the key frame before each the pictures that others refer to
/// (nal_ref_idc, ITU-T H.264 7.4.1). Two of three pictures of a usual file are referred to by none.
/// </summary>
internal sealed class ReelPlan(Mp4Index index, SafeFileHandle file)
{
    private const int Slice = 1, KeySlice = 5;

    /// <summary>The samples in order of decoding, a list for each key frame that decoding begins at.</summary>
    /// <param name="wanted">places in order of decoding</param>
    /// <returns>null where a key frame leaves earlier pictures in use, or a sample cannot be read</returns>
    public IReadOnlyList<IReadOnlyList<int>>? Of(IReadOnlySet<int> wanted)
    {
        var stretches = new List<IReadOnlyList<int>>();
        foreach (var group in wanted.GroupBy(KeyBefore).OrderBy(group => group.Key))
        {
            if (group.Key < 0 || Look(index.Samples[group.Key]) is not { IsFresh: true })
                return null;
            var (needed, last) = (new List<int>(), group.Max());
            for (var sample = group.Key; sample <= last; sample++)
            {
                if (wanted.Contains(sample))
                    needed.Add(sample);
                else if (Look(index.Samples[sample]) is not { } look)
                    return null;
                else if (look.IsReferredTo)
                    needed.Add(sample);
            }
            stretches.Add(needed);
        }
        return stretches;
    }

    private int KeyBefore(int sample)
    {
        while (sample >= 0 && !index.Samples[sample].IsKey)
            sample--;
        return sample;
    }

    /// <summary>From the heads of the sample's units; null where their lengths do not add up.</summary>
    private (bool IsReferredTo, bool IsFresh)? Look(Mp4Sample sample)
    {
        Span<byte> head = stackalloc byte[5];
        head = head[..(index.LengthBytes + 1)];
        var (at, end) = (sample.Offset, sample.Offset + sample.Bytes);
        while (at + head.Length <= end)
        {
            if (RandomAccess.Read(file, head, at) < head.Length)
                return null;
            var (type, isReferredTo) = (head[index.LengthBytes] & 31, (head[index.LengthBytes] & 0x60) != 0);
            if (type is >= Slice and <= KeySlice && isReferredTo)
                return (true, type == KeySlice);
            var length = 0L;
            foreach (var part in head[..index.LengthBytes])
                length = length << 8 | part;
            if (length == 0)
                return null; // no unit is empty, and a file may hold millions of them
            at += index.LengthBytes + length;
        }
        return at == end ? (false, false) : null;
    }
}
