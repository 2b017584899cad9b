using System.Buffers.Binary;
using System.Text;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Unit.Model;

/// <summary>A file that lies about itself is refused in a sentence that names it, before its claims cost memory.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Offsets_are_counted_from_the_beginning_of_the_file()
    {
        string path = Write("""{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]}}""", 12);
        long start = new FileInfo(path).Length - 12;
        var entries = SafetensorsFile.ReadHeader(path);
        Assert.Equal(["a", "b"], entries.Keys);
        Assert.Equal(("F16", start, 4L), (entries["a"].Dtype, entries["a"].Offset, entries["a"].Length));
        Assert.Equal([2, 1], entries["a"].Shape);
        Assert.Equal((start + 4, 8L), (entries["b"].Offset, entries["b"].Length));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", 12, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 12, "outside the 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "negative size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "header")]
    [InlineData("""{"a":{"dtype":"pickle","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type 'pickle'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "end at byte")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "twice")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "header")]
    [InlineData("not json", 4, "header")]
    public void Lies_are_refused(string header, int dataBytes, string reason)
    {
        string path = Write(header, dataBytes);
        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.ReadHeader(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(reason, message);
    }

    [Fact]
    public void A_header_longer_than_the_file_is_refused()
    {
        string path = Path.Combine(_folder.Path, "x.safetensors");
        File.WriteAllBytes(path, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 2]);
        Assert.Contains("claims", Assert.Throws<InvalidDataException>(() => SafetensorsFile.ReadHeader(path)).Message);
        File.WriteAllBytes(path, [1, 2]);
        Assert.Contains("2 bytes", Assert.Throws<InvalidDataException>(() => SafetensorsFile.ReadHeader(path)).Message);
    }

    private string Write(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        string path = Path.Combine(_folder.Path, "x.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => _folder.Dispose();
}
