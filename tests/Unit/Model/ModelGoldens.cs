using System.Runtime.CompilerServices;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Unit.Model;

/// <summary>
/// Model folders with reference numbers: the repository's own (goldens/make.py, a second implementation in Python), and where they lie
/// beside the repository those that the published code computed.
/// </summary>
internal static class ModelGoldens
{
    public const string Siglip = "llava-video", TiedShards = "llava-video-tied-bf16", Clip = "longva-f16";

    public static string Own(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "goldens", name);

    public static string Names(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "names", file);

    public static IEnumerable<string> All =>
        [Own(Siglip), Own(TiedShards), Own(Clip), .. Goldens.Folder("models") is { } shared ? Directory.GetDirectories(shared) : Array.Empty<string>()];

    /// <summary>A copy that a test may spoil.</summary>
    public static TemporaryFolder Copy(string name)
    {
        var copy = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Own(name)))
            File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>Adds to one F32 value of a tensor, in place.</summary>
    public static void Perturb(string file, string tensor, int index, float by)
    {
        SafetensorsEntry entry = SafetensorsFile.ReadHeader(file)[tensor];
        Assert.Equal("F32", entry.Dtype);
        byte[] bytes = File.ReadAllBytes(file);
        Span<byte> value = bytes.AsSpan((int)entry.Offset + index * sizeof(float), sizeof(float));
        BitConverter.TryWriteBytes(value, BitConverter.ToSingle(value) + by);
        File.WriteAllBytes(file, bytes);
    }
}
