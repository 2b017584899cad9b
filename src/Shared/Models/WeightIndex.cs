using System.Text.Json;

namespace Tpo.Shared.Models;

/// <summary>`model.safetensors.index.json` of a sharded checkpoint: `{"weight_map": {"tensor": "model-00001-of-00004.safetensors", …}}`.</summary>
internal static class WeightIndex
{
    /// <summary>Tensor name → file name inside the folder; null where there is no index.</summary>
    /// <exception cref="InvalidDataException">it is no such JSON, or names something that is no safetensors file of the folder itself</exception>
    public static Dictionary<string, string>? Read(string modelFolder)
    {
        var path = Path.Combine(modelFolder, WeightFiles.Index);
        if (!File.Exists(path))
            return null;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"'{path}' has no \"weight_map\" from tensor names to file names.");
            var index = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in map.EnumerateObject())
                if (!index.TryAdd(entry.Name, FileName(path, entry)))
                    throw new InvalidDataException($"'{path}' names tensor '{SafetensorsHeader.Shown(entry.Name)}' twice.");
            return index.Count > 0 ? index : throw new InvalidDataException($"'{path}' has an empty \"weight_map\": it names no weights.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is not JSON ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static string FileName(string path, JsonProperty entry)
    {
        var name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : entry.Value.GetRawText();
        if (Pickle.IsName(name))
            throw new InvalidDataException($"'{path}' names '{SafetensorsHeader.Shown(name)}' for tensor '{SafetensorsHeader.Shown(entry.Name)}'. {Pickle.WhatToDo}");
        if (name != Path.GetFileName(name) || name.Contains('\\') || !name.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new InvalidDataException(
                $"'{path}' names '{SafetensorsHeader.Shown(name)}' for tensor '{SafetensorsHeader.Shown(entry.Name)}'; only .safetensors files of the same folder are read.");
        return name;
    }
}
