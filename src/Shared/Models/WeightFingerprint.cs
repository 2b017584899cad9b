using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tpo.Shared.Models;

/// <summary>
/// Tells one safetensors file from another without reading it whole: SHA-256 over its size, its header's table and a few bytes from the
/// middle of every tensor. A file of 16 GB takes milliseconds; training changes every tensor it trains, so other weights do not pass. What
/// names weights for good, and finds a single damaged byte, is <see cref="WeightFiles.Revision"/>.
/// </summary>
public static class WeightFingerprint
{
    private const int SampleBytes = 256;

    /// <returns>lower-case hex</returns>
    /// <exception cref="InvalidDataException">the file is no whole safetensors file</exception>
    public static string Of(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(path);
        Span<byte> number = stackalloc byte[sizeof(long)];
        Span<byte> sample = stackalloc byte[SampleBytes];
        foreach (var entry in SafetensorsFile.ReadHeader(path).Values.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Name, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{entry.Name}:{entry.Dtype}:{string.Join(',', entry.Shape)}"));
            BinaryPrimitives.WriteInt64LittleEndian(number, entry.Offset);
            hash.AppendData(number);
            var taken = sample[..(int)Math.Min(SampleBytes, entry.Length)];
            var read = RandomAccess.Read(file, taken, entry.Offset + (entry.Length - taken.Length) / 2);
            hash.AppendData(taken[..read]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
