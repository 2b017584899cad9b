using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>One record of an annotation file, read field by field; whatever is wrong becomes a sentence that names file, record and field.</summary>
/// <param name="record">how the record is named: "record 2 ('aB3_0')"</param>
internal sealed class AnnotationRecord(string file, string record, JsonElement json, List<string> problems)
{
    private readonly int _problemsBefore = problems.Count;

    public AnnotationRecord(string file, int number, JsonElement json, List<string> problems, string idField = "id")
        : this(file, $"record {number}{Id(json, idField)}", json, problems)
    {
    }

    public bool IsSound => problems.Count == _problemsBefore;

    /// <summary>The records of a file that is one list; a file that is none, or no JSON, is a problem.</summary>
    public static IEnumerable<AnnotationRecord> List(
        string json, string file, List<string> problems, string idField = "id", JsonDocumentOptions options = default)
    {
        if (Root(json, file, problems, options) is not { } root)
            yield break;
        if (root.ValueKind != JsonValueKind.Array)
        {
            problems.Add($"{file}: must be a list of records.");
            yield break;
        }
        foreach (var (index, element) in root.EnumerateArray().Index())
            yield return new AnnotationRecord(file, index + 1, element, problems, idField);
    }

    /// <summary>The whole file, or null and a problem where it is no JSON.</summary>
    public static JsonElement? Root(string json, string file, List<string> problems, JsonDocumentOptions options = default)
    {
        try
        {
            return JsonElement.Parse(json, options);
        }
        catch (JsonException e)
        {
            problems.Add($"{file}: is no JSON (line {e.LineNumber + 1}): {e.Message}");
            return null;
        }
    }

    public string Text(string field) => Read(field, JsonValueKind.String, "a text") is { } value ? value.GetString()! : "";

    /// <summary>Null where the field is missing or null.</summary>
    public string? OptionalText(string field) =>
        json.ValueKind == JsonValueKind.Object && (!json.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null) ? null : Text(field);

    public IReadOnlyList<string> Texts(string field)
    {
        if (Read(field, JsonValueKind.Array, "a list of texts") is not { } list)
            return [];
        if (list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. list.EnumerateArray().Select(item => item.GetString()!)];
        Refuse(field, "has an entry that is no text");
        return [];
    }

    public int Whole(string field)
    {
        if (Read(field, JsonValueKind.Number, "a whole number") is not { } value)
            return 0;
        if (value.TryGetInt32(out var number))
            return number;
        Refuse(field, $"is {value}, no whole number");
        return 0;
    }

    public double Number(string field) => Read(field, JsonValueKind.Number, "a number") is { } value ? value.GetDouble() : 0;

    public IReadOnlyList<JsonProperty> Members(string field) =>
        Read(field, JsonValueKind.Object, "an object") is { } value ? [.. value.EnumerateObject()] : [];

    /// <summary>The records of a list inside this one, to be read one after the other: each counts the problems that come after it.</summary>
    public IEnumerable<AnnotationRecord> Records(string field, string noun, string idField)
    {
        if (Read(field, JsonValueKind.Array, "a list of records") is not { } list)
            yield break;
        foreach (var (index, element) in list.EnumerateArray().Index())
            yield return new AnnotationRecord(file, $"{record}, {noun} {index + 1}{Id(element, idField)}", element, problems);
    }

    public void Require(bool holds, string field, string sentence)
    {
        if (!holds && IsSound)
            Refuse(field, sentence);
    }

    private JsonElement? Read(string field, JsonValueKind kind, string expected)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            if (IsSound)
                problems.Add($"{file}: {record} is no object.");
            return null;
        }
        if (!json.TryGetProperty(field, out var value))
            Refuse(field, "is missing");
        else if (value.ValueKind != kind)
            Refuse(field, $"must be {expected}, is {value.ValueKind.ToString().ToLowerInvariant()}");
        else
            return value;
        return null;
    }

    private void Refuse(string field, string sentence) => problems.Add($"{file}: {record}, field '{field}' {sentence}.");

    private static string Id(JsonElement json, string field) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var id) ? $" ('{id}')" : "";
}
