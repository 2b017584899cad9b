using System.Text.Json;

namespace Tpo.GpuJob.Verify;

/// <summary>References that are a list of rows, in one JSON array or a line each.</summary>
internal static class JsonRows
{
    /// <summary>The file is a JSON array whose first row has this key.</summary>
    public static bool Have(string file, string key)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
            return json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.GetArrayLength() > 0
                && json.RootElement[0].ValueKind == JsonValueKind.Object && json.RootElement[0].TryGetProperty(key, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A row a line; a line that is no JSON is named.</summary>
    public static IReadOnlyList<JsonElement> Lines(string file) => [.. File.ReadLines(file).Select((line, i) => Parse(line, $"'{file}', line {i + 1}"))];

    public static int[] Ids(JsonElement row, string key) => [.. row.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];

    private static JsonElement Parse(string line, string place)
    {
        try
        {
            return JsonDocument.Parse(line).RootElement;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place} is no JSON: {e.Message}", e);
        }
    }
}
