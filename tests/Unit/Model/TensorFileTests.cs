using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

// Resident memory is the whole process's, so these run when nothing else does.
[CollectionDefinition(nameof(TensorFileTests), DisableParallelization = true)]
[Collection(nameof(TensorFileTests))]
public sealed class TensorFileTests(ITestOutputHelper output) : IDisposable
{
    private const long Megabyte = 1 << 20;
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Every_element_type_comes_back_as_it_was_written(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var written = new Dictionary<string, Tensor>
        {
            ["rows"] = arange(12).to_type(type).reshape(3, 4), ["scalar"] = tensor(1).to_type(type), ["none"] = zeros(0, 5).to_type(type), ["turned"] = arange(6).reshape(2, 3).t().to_type(type),
        };
        TensorFile.Write(File("x"), written);
        var read = TensorFile.ReadAll(File("x"));
        foreach (var (name, values) in written)
        {
            Assert.Equal(type, read[name].dtype);
            Assert.Equal(values.shape, read[name].shape);
            Assert.True(read[name].Equals(values), name);
        }
    }

    [Fact]
    public void A_tensor_is_cast_to_its_target_also_where_that_is_turned_or_longer_than_one_piece()
    {
        using var scope = NewDisposeScope();
        long rows = 33 * Megabyte / 8;
        Tensor values = (arange(rows * 4) % 251).reshape(rows, 4).to_type(ScalarType.BFloat16);
        TensorFile.Write(File("x"), new Dictionary<string, Tensor> { ["a"] = values });
        Tensor turned = zeros(4, rows).t();
        TensorFile.ReadInto(turned, File("x"), Entry("x", "a"));
        Assert.True(turned.Equals(values.to_type(ScalarType.Float32)));
    }

    [Fact]
    public void A_tensor_comes_by_rows_as_it_was_written_and_each_piece_says_where_it_begins()
    {
        using var scope = NewDisposeScope();
        long rows = 33 * Megabyte / 8;
        Tensor values = (arange(rows * 4) % 251).reshape(rows, 4).to_type(ScalarType.BFloat16);
        TensorFile.Write(File("x"), new Dictionary<string, Tensor> { ["a"] = values, ["none"] = zeros(0, 5), ["scalar"] = tensor(7f) });
        var pieces = TensorFile.ReadByRows(File("x"), Entry("x", "a")).Select(piece => (piece.Row, Rows: piece.Values.shape[0], Same: values.narrow(0, piece.Row, piece.Values.shape[0]).Equals(piece.Values))).ToArray();
        Assert.Equal(2, pieces.Length);
        Assert.Equal((0, pieces[0].Rows), (pieces[0].Row, pieces[1].Row));
        Assert.Equal(rows, pieces.Sum(piece => piece.Rows));
        Assert.All(pieces, piece => Assert.True(piece.Same));
        Assert.Empty(TensorFile.ReadByRows(File("x"), Entry("x", "none")));
        Assert.Equal([7f], TensorFile.ReadByRows(File("x"), Entry("x", "scalar")).Select(piece => piece.Values.item<float>()));
    }

    [Fact]
    public void A_target_of_another_shape_is_refused()
    {
        using var scope = NewDisposeScope();
        TensorFile.Write(File("x"), new Dictionary<string, Tensor> { ["a"] = zeros(2, 3) });
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => TensorFile.ReadInto(zeros(3, 2), File("x"), Entry("x", "a"))).Message);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 200)]
    [InlineData(ScalarType.BFloat16, 100)]
    public void Loading_two_hundred_megabytes_of_weights_needs_one_piece_more_and_nothing_of_the_managed_heap(ScalarType stored, long fileMegabytes)
    {
        using var scope = NewDisposeScope();
        const long rows = 50 * 1024, columns = 1024;
        using (NewDisposeScope())
            TensorFile.Write(File("big"), new Dictionary<string, Tensor> { ["w"] = full(new long[] { rows, columns }, 1.5f, stored) });
        Assert.InRange(new FileInfo(File("big")).Length / Megabyte, fileMegabytes, fileMegabytes + 1);
        Tensor target = zeros(rows, columns);

        (long before, long managedBefore) = (Resident("VmRSS"), GC.GetAllocatedBytesForCurrentThread());
        System.IO.File.WriteAllText("/proc/self/clear_refs", "5"); // the peak counts from here
        TensorFile.ReadInto(target, File("big"), Entry("big", "w"));
        (long peak, long managed) = (Resident("VmHWM") - before, GC.GetAllocatedBytesForCurrentThread() - managedBefore);

        output.WriteLine($"{fileMegabytes} MB of {stored} into 200 MB of Float32 that were there: {peak / Megabyte} MB more at the peak, {managed / 1024} KB allocated on the managed heap");
        Assert.Equal(1.5f, target[rows - 1, columns - 1].item<float>());
        Assert.InRange(peak, 0, 80 * Megabyte);
        Assert.InRange(managed, 0, Megabyte);
    }

    private static long Resident(string which) => 1024 * System.IO.File.ReadLines("/proc/self/status").Where(line => line.StartsWith(which, StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2])).Single();

    private string File(string name) => Path.Combine(_folder.Path, name + ".safetensors");

    private SafetensorsEntry Entry(string file, string name) => SafetensorsFile.ReadHeader(File(file))[name];

    public void Dispose() => _folder.Dispose();
}
