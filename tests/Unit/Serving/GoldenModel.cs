using System.Runtime.InteropServices;
using System.Text.Json;
using Tpo.GpuJob.Export;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A golden checkpoint, copied to a folder of its own and exported there, with its reference numbers.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _goldenFile;

    public GoldenModel(string name)
    {
        var source = Goldens.Folder("models", name)!;
        foreach (var file in Directory.GetFiles(source).Where(file => !Path.GetFileName(file).StartsWith("golden", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        _goldenFile = Path.Combine(source, "golden.safetensors");
        Json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(source, "golden.json"))).RootElement;
        Report = OnnxExporter.Export(Folder);
        Config = CheckpointConfig.Load(Folder);
    }

    public string Folder => _folder.Path;
    public JsonElement Json { get; }
    public ExportReport Report { get; }
    public CheckpointConfig Config { get; }
    public int[] InputIds => Ints("input_ids");
    public int[] Greedy => Ints("greedy_tokens");

    public float[] Tensor(string name)
    {
        var entry = SafetensorsFile.ReadHeader(_goldenFile)[name];
        return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(_goldenFile).AsSpan((int)entry.Offset, (int)entry.Length)).ToArray();
    }

    /// <summary>The golden pixels, one array a frame.</summary>
    public IEnumerable<float[]> Pixels => Tensor("pixel_values").Chunk(3 * Config.Vision.ImageSize * Config.Vision.ImageSize);

    public void Dispose() => _folder.Dispose();

    /// <summary>Largest difference, as a share of the reference's largest magnitude.</summary>
    public static double Distance(IReadOnlyList<float> expected, IReadOnlyList<float> found)
    {
        Assert.Equal(expected.Count, found.Count);
        var largest = expected.Max(Math.Abs);
        return Enumerable.Range(0, expected.Count).Max(i => Math.Abs(expected[i] - found[i])) / largest;
    }

    private int[] Ints(string name) => [.. Json.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];
}
