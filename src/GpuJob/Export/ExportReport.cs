using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>A file of an export: written now, or found there just as it would have been written.</summary>
public sealed record ExportedFile(string Name, long Bytes, bool Reused);

/// <summary>What an export wrote.</summary>
/// <param name="Int8">what rounding changed, where weights were rounded now</param>
/// <param name="NotOpened">why the graphs were not opened in ONNX Runtime here; null where they were</param>
public sealed record ExportReport(string Folder, ServingManifest Manifest, IReadOnlyList<ExportedFile> Files, string? NotOpened, Int8Agreement? Int8, double Seconds)
{
    /// <summary>Bytes beside the checkpoint's own files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    public IEnumerable<string> Lines()
    {
        foreach (var file in Files)
            yield return $"{Path.Combine(Folder, file.Name)}: {Sizes.Of(file.Bytes)}, {(file.Reused ? "reused" : "written")}";
        yield return Manifest.Converted is null
            ? $"Weights stay where they are: {string.Join(", ", Manifest.Files.Select(file => file.Name))}."
            : $"Weights were converted to {Manifest.Dtype} for serving: {Manifest.Converted.Name}{Merged}.";
        if (Manifest.Int8Agreement is { } share)
            yield return Int8 is not null ? $"The decoder's linear layers are in int8: {Int8}."
                : FormattableString.Invariant($"The decoder's linear layers are in int8; compared when they were rounded: {share * 100:F1} % of the likeliest tokens are those of f32.");
        yield return NotOpened is null
            ? FormattableString.Invariant($"Exported, and opened in ONNX Runtime, in {Seconds:F1} s.")
            : FormattableString.Invariant($"Exported in {Seconds:F1} s, but NOT opened here: {NotOpened}");
    }

    private string Merged => Manifest.Adapters.Count switch { 0 => "", 1 => ", with an adapter merged", var several => $", with {several} adapters merged" };
}
