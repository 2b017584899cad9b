using System.Buffers.Binary;
using System.Text;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Unit.Model;

/// <summary>A file that lies about itself is refused in a sentence that names it, the tensor and the lie, before its claims cost memory.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private const string Good = """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
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

    [Fact]
    public void Scalars_empty_tensors_and_trailing_spaces_are_no_lies()
    {
        string path = Write("""{"none":{"dtype":"I64","shape":[0,3],"data_offsets":[4,4]},"one":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   """, 4);
        var entries = SafetensorsFile.ReadHeader(path);
        Assert.Equal((4L, 0L), (entries["one"].Length, entries["none"].Length));
    }

    [Theory]
    // ranges
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 12, "tensor 'a' lies at [0, 16), outside the 12 bytes of data")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "tensor 'a' lies at [-4, 0), outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "tensor 'a' lies at [4, 0), outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""", 4, "outside the 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "tensor 'a' must have two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "tensor 'b' begins at byte 2 of the data, inside tensor 'a', which ends at 4: they overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'b' begins at byte 0 of the data, inside tensor 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "tensor 'b' begins at byte 8 of the data where 4 was due: there is a gap")]
    [InlineData(Good, 8, "its tensors end at byte 4 of the data, which has 8: 4 bytes belong to none")]
    // shapes and types
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", 12, "tensor 'a' of type F32 and shape [2] needs 8 bytes, its range has 12")]
    [InlineData("""{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,12]}}""", 12, "tensor 'a' of type F16 and shape [3] needs 6 bytes, its range has 12")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "tensor 'a' has a negative size in its shape [-1]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", 4, "tensor 'a' has a negative size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "tensor 'a' has the shape [4611686018427387904, 4], more bytes than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "more bytes than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "the shape of tensor 'a' has 99999999999999999999, which is no whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "the shape of tensor 'a' has 1.5")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}""", 4, "the data_offsets of tensor 'a' has \"0\"")]
    [InlineData("""{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4, "the shape of tensor 'a' is a JSON number instead of a list")]
    [InlineData("""{"a":{"dtype":"pickle","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'a' has the unknown type \"pickle\"")]
    [InlineData("""{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'a' has the unknown type 7")]
    // the JSON
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'a' has no dtype")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "tensor 'a' has no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "tensor 'a' has no data_offsets")]
    [InlineData("""{"a":[1]}""", 4, "tensor 'a' is described by a JSON array")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "the name 'a' occurs twice in the header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}}""", 4, "the name 'shape' occurs twice in tensor 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "its header is not JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "its header is not JSON")]
    [InlineData("not json", 4, "its header does not begin with '{'")]
    [InlineData("[]", 4, "its header does not begin with '{'")]
    [InlineData("", 4, "its header does not begin with '{'")]
    public void Lies_are_refused(string header, int dataBytes, string reason) => Refused(Write(header, dataBytes), reason);

    [Fact]
    public void More_dimensions_than_anything_can_have_are_refused() =>
        Refused(Write($$$"""{"a":{"dtype":"F32","shape":[{{{string.Join(',', Enumerable.Repeat(1, 65))}}}],"data_offsets":[0,4]}}""", 4), "tensor 'a' has 65 dimensions");

    [Fact]
    public void A_name_that_fills_pages_is_cut_in_the_sentence() =>
        Assert.True(Refused(Write($$$"""{"{{{new string('x', 100_000)}}}":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4), "(100000 characters)").Length < 500);

    [Fact]
    public void A_header_nested_without_end_is_refused() =>
        Refused(Write($$$"""{"a":{{{string.Concat(Enumerable.Repeat("[", 100_000))}}}""", 4), "its header is not JSON");

    [Theory]
    [InlineData(0x7FFF_FFFF_FFFF_FFFFUL, "its header claims 9223372036854775807 bytes, the format allows 100000000")]
    [InlineData(0xFFFF_FFFF_FFFF_FFFFUL, "its header claims 18446744073709551615 bytes, the format allows 100000000")]
    [InlineData(100_000_001UL, "its header claims 100000001 bytes, the format allows 100000000")]
    [InlineData(100_000_000UL, "its header claims 100000000 bytes, but the file has only 2 behind the length")]
    [InlineData(3UL, "its header claims 3 bytes, but the file has only 2 behind the length")]
    public void A_header_longer_than_the_file_or_than_the_format_allows_costs_no_memory(ulong claimed, string reason)
    {
        byte[] bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        string path = WriteBytes(bytes);
        Refused(path, reason);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(path, reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_file_too_short_for_a_length_is_refused() => Refused(WriteBytes([1, 2]), "it has 2 bytes, less than the 8");

    [Fact]
    public void A_file_that_was_cut_off_in_its_data_is_refused()
    {
        string path = Write(Good, 4);
        WriteBytes(File.ReadAllBytes(path)[..^1]);
        Refused(path, "tensor 'a' lies at [0, 4), outside the 3 bytes of data");
    }

    [Theory]
    [InlineData(new byte[] { (byte)'P', (byte)'K', 3, 4, 0, 0, 8, 8, 0, 0 })]
    [InlineData(new byte[] { 0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20 })]
    public void A_pickle_under_another_name_is_called_one(byte[] bytes) => Refused(WriteBytes(bytes), "is a pickle");

    [Fact]
    public void A_header_whose_length_looks_like_a_pickles_first_bytes_is_read()
    {
        // 0x0280 = 640 bytes: the file begins with 80 02.
        string path = Write(Good.PadRight(0x0280), 4);
        Assert.Equal(["a"], SafetensorsFile.ReadHeader(path).Keys);
    }

    private static string Refused(string path, string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.ReadHeader(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(reason, message);
        return message;
    }

    private string Write(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return WriteBytes(bytes);
    }

    private string WriteBytes(byte[] bytes)
    {
        string path = Path.Combine(_folder.Path, "x.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => _folder.Dispose();
}
