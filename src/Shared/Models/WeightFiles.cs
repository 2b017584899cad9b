using System.Security.Cryptography;

namespace Tpo.Shared.Models;

/// <summary>Where a tensor lies: the file's name inside the model's folder, and its place in it.</summary>
public sealed record StoredTensor(string File, SafetensorsEntry Entry);

/// <summary>The safetensors files of a model's folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.</summary>
public static class WeightFiles
{
    public const string Single = "model.safetensors";
    public const string Index = "model.safetensors.index.json";

    /// <summary>File names inside the folder, in ordinal order.</summary>
    /// <exception cref="FileNotFoundException">a file that should be there is not; the message names it</exception>
    /// <exception cref="InvalidDataException">the index is malformed, or the folder has nothing but pickles</exception>
    public static IReadOnlyList<string> List(string modelFolder)
    {
        var index = WeightIndex.Read(modelFolder);
        string[] names = index is null ? [Single] : [.. index.Values.Distinct().Order(StringComparer.Ordinal)];
        foreach (var name in names.Where(name => !File.Exists(Path.Combine(modelFolder, name))))
        {
            if (Pickle.In(modelFolder) is { Length: > 0 } pickles)
                throw new InvalidDataException($"The model in '{modelFolder}' has no '{name}', only {string.Join(", ", pickles)}. {Pickle.WhatToDo}");
            throw new FileNotFoundException(index is null
                ? $"The model has no weights: '{Path.Combine(modelFolder, name)}' does not exist."
                : $"The model's weights are not whole: '{Path.Combine(modelFolder, Index)}' names '{name}', which does not exist.");
        }
        return names;
    }

    /// <summary>Every tensor of the model by name. What is claimed by the index and by the files' headers has been compared; no data was read.</summary>
    /// <exception cref="InvalidDataException">a header is malformed, a tensor is in two files, or not in the one that the index names</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Tensors(string modelFolder)
    {
        var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        foreach (var file in List(modelFolder))
            foreach (var entry in SafetensorsFile.ReadHeader(Path.Combine(modelFolder, file)).Values)
                if (!tensors.TryAdd(entry.Name, new StoredTensor(file, entry)))
                    throw new InvalidDataException($"Tensor '{entry.Name}' is in two files of '{modelFolder}': {tensors[entry.Name].File} and {file}.");
        foreach (var (name, file) in WeightIndex.Read(modelFolder) ?? [])
            if (tensors.GetValueOrDefault(name)?.File is var found && found != file)
                throw new InvalidDataException($"'{Path.Combine(modelFolder, Index)}' says that tensor '{name}' is in '{file}', but it is {(found is null ? "in none of the files" : $"in '{found}'")}.");
        return tensors;
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
}
