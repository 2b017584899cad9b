namespace Tpo.Cli;

/// <summary>The small model as this repository ships it.</summary>
internal static class ShippedModel
{
    public static string Folder => Path.Combine(Surroundings.Root, "infra", "local", "models", "tpo-nano");

    /// <summary>A fresh copy with its ONNX graphs in the work folder (export writes beside the weights, and the repository is not written to).</summary>
    public static async Task<string> ExportedCopyAsync(string purpose, CancellationToken cancellation)
    {
        var copy = Path.Combine(Surroundings.Home, "work", purpose, Path.GetFileName(Folder));
        if (Directory.Exists(copy))
            Directory.Delete(copy, recursive: true);
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(Folder))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        await Job.RunAsync(["export", "--model", copy], cancellation);
        return copy;
    }
}
