using System.Text.Json;

namespace Tpo.Shared.Models;

/// <summary>The JSON of a safetensors header: `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {…}}`.</summary>
internal sealed class SafetensorsHeader(string path, long dataStart, long dataLength)
{
    private const string MetadataKey = "__metadata__";
    /// <summary>What libtorch's own operations can take.</summary>
    private const int MostDimensions = 64;
    private const int MostShown = 120;

    /// <summary>The tensors in the header's order; each lies inside the data and has as many bytes as its shape and type need.</summary>
    public List<SafetensorsEntry> Parse(byte[] header)
    {
        if (header is not [(byte)'{', ..])
            throw SafetensorsFile.Bad(path, "its header does not begin with '{'");
        try
        {
            using var json = JsonDocument.Parse(header);
            return [.. Once(json.RootElement, "the header").Where(property => property.Name != MetadataKey).Select(Entry)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SafetensorsFile.Bad(path, $"its header is not JSON ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>A name as it can stand in a sentence, however long it is.</summary>
    public static string Shown(string name) => name.Length <= MostShown ? name : $"{name[..MostShown]}… ({name.Length} characters)";

    private SafetensorsEntry Entry(JsonProperty property)
    {
        var tensor = $"tensor '{Shown(property.Name)}'";
        if (property.Value.ValueKind != JsonValueKind.Object)
            throw SafetensorsFile.Bad(path, $"{tensor} is described by {Kind(property.Value)} instead of an object");
        var fields = Once(property.Value, tensor).ToDictionary(field => field.Name, field => field.Value);
        var dtype = Field(fields, tensor, "dtype");
        if (dtype.ValueKind != JsonValueKind.String || SafetensorsFile.ElementBytes(dtype.GetString()!) is not { } elementBytes)
            throw SafetensorsFile.Bad(path, $"{tensor} has the unknown type {Shown(dtype.GetRawText())}");
        var shape = Integers(Field(fields, tensor, "shape"), tensor, "shape");
        var bytes = Bytes(shape, elementBytes, tensor);
        if (Integers(Field(fields, tensor, "data_offsets"), tensor, "data_offsets") is not [var start, var end])
            throw SafetensorsFile.Bad(path, $"{tensor} must have two data_offsets, where it begins and where it ends");
        if (start < 0 || end < start || end > dataLength)
            throw SafetensorsFile.Bad(path, $"{tensor} lies at [{start}, {end}), outside the {dataLength} bytes of data");
        if (bytes != end - start)
            throw SafetensorsFile.Bad(path, $"{tensor} of type {dtype.GetString()} and shape [{string.Join(", ", shape)}] needs {bytes} bytes, its range has {end - start}");
        return new SafetensorsEntry(property.Name, dtype.GetString()!, shape, dataStart + start, end - start);
    }

    private long Bytes(long[] shape, int elementBytes, string tensor)
    {
        if (shape.Length > MostDimensions)
            throw SafetensorsFile.Bad(path, $"{tensor} has {shape.Length} dimensions, more than {MostDimensions}");
        if (shape.Any(size => size < 0))
            throw SafetensorsFile.Bad(path, $"{tensor} has a negative size in its shape [{string.Join(", ", shape)}]");
        try
        {
            // Strides are products too, of every size but zero: those must be numbers as well.
            var bytes = shape.Where(size => size > 0).Aggregate((long)elementBytes, (product, size) => checked(product * size));
            return shape.Contains(0) ? 0 : bytes;
        }
        catch (OverflowException e)
        {
            throw SafetensorsFile.Bad(path, $"{tensor} has the shape [{string.Join(", ", shape)}], more bytes than can be counted", e);
        }
    }

    private JsonElement Field(Dictionary<string, JsonElement> fields, string tensor, string name) =>
        fields.TryGetValue(name, out var value) ? value : throw SafetensorsFile.Bad(path, $"{tensor} has no {name}");

    private long[] Integers(JsonElement list, string tensor, string name)
    {
        if (list.ValueKind != JsonValueKind.Array)
            throw SafetensorsFile.Bad(path, $"the {name} of {tensor} is {Kind(list)} instead of a list of whole numbers");
        return [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) ? number
            : throw SafetensorsFile.Bad(path, $"the {name} of {tensor} has {Shown(item.GetRawText())}, which is no whole number of 64 bits"))];
    }

    /// <summary>An object's properties; a JSON reader would silently take the last of two with one name.</summary>
    private IEnumerable<JsonProperty> Once(JsonElement value, string where)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
            yield return names.Add(property.Name) ? property : throw SafetensorsFile.Bad(path, $"the name '{Shown(property.Name)}' occurs twice in {where}");
    }

    private static string Kind(JsonElement value) => $"a JSON {value.ValueKind.ToString().ToLowerInvariant()}";
}
