using System.Security.Cryptography;
using System.Text.Json;

namespace Tpo.Shared.Models;

/// <summary>The safetensors files of a model's folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.</summary>
public static class WeightFiles
{
    public const string Single = "model.safetensors";
    public const string Index = "model.safetensors.index.json";

    /// <summary>File names inside the folder, in ordinal order.</summary>
    /// <exception cref="FileNotFoundException">a file that should be there is not; the message names it</exception>
    public static IReadOnlyList<string> List(string modelFolder)
    {
        var index = Path.Combine(modelFolder, Index);
        string[] names = File.Exists(index) ? ReadIndex(index) : [Single];
        foreach (var name in names)
        {
            if (!File.Exists(Path.Combine(modelFolder, name)))
                throw new FileNotFoundException($"The model has no weights: '{Path.Combine(modelFolder, name)}' does not exist.");
        }
        return names;
    }

    /// <summary>
    /// The revision that every lineage names: SHA-256 over the bytes of the weight files in ordinal order of their names, lower-case hex.
    /// With one file it is what `sha256sum` prints for it.
    /// </summary>
    public static string Revision(string modelFolder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var name in List(modelFolder))
        {
            using var file = File.OpenRead(Path.Combine(modelFolder, name));
            for (int read; (read = file.Read(buffer)) > 0;)
                hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string[] ReadIndex(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        string[] names = [.. document.RootElement.GetProperty("weight_map").EnumerateObject()
            .Select(entry => entry.Value.GetString()!).Distinct().Order(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            if (name != Path.GetFileName(name) || !name.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new InvalidDataException($"'{path}' names '{name}'; only .safetensors files of the same folder are read.");
        }
        return names;
    }
}
