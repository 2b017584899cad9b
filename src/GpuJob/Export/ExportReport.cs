using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>A file of an export: written now, or found there just as it would have been written.</summary>
public sealed record ExportedFile(string Name, long Bytes, bool Reused);

/// <summary>What an export wrote.</summary>
/// <param name="NotOpened">why the graphs were not opened in ONNX Runtime here; null where they were</param>
public sealed record ExportReport(string Folder, ServingManifest Manifest, IReadOnlyList<ExportedFile> Files, string? NotOpened, double Seconds)
{
    /// <summary>Bytes beside the checkpoint's own files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    public IEnumerable<string> Lines()
    {
        foreach (var file in Files)
            yield return $"{Path.Combine(Folder, file.Name)}: {Sizes.Of(file.Bytes)}, {(file.Reused ? "reused" : "written")}";
        yield return Manifest.Converted is null
            ? $"Weights stay where they are: {string.Join(", ", Manifest.Files.Select(file => file.Name))}."
            : $"Weights were converted to {Manifest.Dtype} for serving: {Manifest.Converted.Name}{(Manifest.Revision == Manifest.Checkpoint ? "" : ", adapters merged")}.";
        yield return NotOpened is null
            ? FormattableString.Invariant($"Exported, and opened in ONNX Runtime, in {Seconds:F1} s.")
            : FormattableString.Invariant($"Exported in {Seconds:F1} s, but NOT opened here: {NotOpened}");
    }
}
