using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Tpo.Shared.Training;

namespace Tpo.GpuJob.Training;

/// <summary>
/// A run's curve as TensorBoard reads it: TFRecords (length, its checksum, data, its checksum) of Event messages (tensorflow/core/util/event.proto),
/// one a step, with every number of the metrics under its own name.
/// </summary>
public static class TensorBoardEvents
{
    /// <param name="started">the rows' times are this and the steps' seconds</param>
    public static byte[] Of(IEnumerable<TrainingMetrics> rows, DateTimeOffset started)
    {
        using var file = new MemoryStream();
        var time = started.ToUnixTimeMilliseconds() / 1000.0;
        Record(file, [.. Double(1, time), .. Bytes(3, "brain.Event:2"u8)]);
        foreach (TrainingMetrics row in rows)
        {
            time += row.Seconds;
            byte[] summary = [.. Numbers(row).SelectMany(number => Bytes(1, [.. Bytes(1, Encoding.UTF8.GetBytes(number.Name)), .. Single(2, (float)number.Value)]))];
            Record(file, [.. Double(1, time), .. Varint(2, (ulong)row.Step), .. Bytes(5, summary)]);
        }
        return file.ToArray();
    }

    private static IEnumerable<(string Name, double Value)> Numbers(TrainingMetrics row) =>
        JsonSerializer.SerializeToElement(row).EnumerateObject().Where(number => number.Name != "step" && number.Value.ValueKind == JsonValueKind.Number).Select(number => (number.Name, number.Value.GetDouble()));

    private static void Record(Stream file, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, data.Length);
        foreach (byte[] part in new[] { length, Checksum(length), data, Checksum(data) })
            file.Write(part);
    }

    /// <summary>CRC-32C, turned and shifted as TFRecord does it, so that a checksum of data with checksums in it stays one.</summary>
    private static byte[] Checksum(byte[] data)
    {
        uint crc = ~data.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        var masked = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, BitOperations.RotateRight(crc, 15) + 0xa282ead8);
        return masked;
    }

    // Fields of a protocol buffer: a key (number and kind of what follows), then the value.
    private static byte[] Varint(int field, ulong value) => [.. Var((ulong)field << 3), .. Var(value)];

    private static byte[] Double(int field, double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return [.. Var((ulong)field << 3 | 1), .. bytes];
    }

    private static byte[] Bytes(int field, ReadOnlySpan<byte> value) => [.. Var((ulong)field << 3 | 2), .. Var((ulong)value.Length), .. value];

    private static byte[] Single(int field, float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return [.. Var((ulong)field << 3 | 5), .. bytes];
    }

    private static List<byte> Var(ulong value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7)
            bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
        return bytes;
    }
}
