using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>One record of an annotation file, read field by field; whatever is wrong becomes a sentence that names file, record, field and line.</summary>
/// <param name="record">how the record is named: "record 2 ('aB3_0')"</param>
/// <param name="lineOf">the line in which a piece of the file begins</param>
internal sealed class AnnotationRecord(string file, string record, JsonElement json, List<string> problems, Func<JsonElement, int> lineOf)
{
    private readonly int _problemsBefore = problems.Count;

    public AnnotationRecord(string file, int number, JsonElement json, List<string> problems, Func<JsonElement, int> lineOf, string idField = "id")
        : this(file, $"record {number}{Id(json, idField)}", json, problems, lineOf)
    {
    }

    public bool IsSound => problems.Count == _problemsBefore;

    public string Text(string field) => Read(field, JsonValueKind.String, "a text") is { } value ? value.GetString()! : "";

    /// <summary>Null where the field is missing or null.</summary>
    public string? OptionalText(string field) => json.ValueKind != JsonValueKind.Object || Has(field) ? Text(field) : null;

    /// <summary>Whether the record has the field, and not null.</summary>
    public bool Has(string field) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

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

    /// <summary>Null where the field is missing or null.</summary>
    public double? OptionalNumber(string field) => Has(field) ? Number(field) : null;

    public double Number(string field) => Read(field, JsonValueKind.Number, "a number") is { } value ? value.GetDouble() : 0;

    public IReadOnlyList<JsonProperty> Members(string field) =>
        Read(field, JsonValueKind.Object, "an object") is { } value ? [.. value.EnumerateObject()] : [];

    /// <summary>The records of a list inside this one, to be read one after the other: each counts the problems that come after it.</summary>
    public IEnumerable<AnnotationRecord> Records(string field, string noun, string idField)
    {
        if (Read(field, JsonValueKind.Array, "a list of records") is not { } list)
            yield break;
        foreach (var (index, element) in list.EnumerateArray().Index())
            yield return new AnnotationRecord(file, $"{record}, {noun} {index + 1}{Id(element, idField)}", element, problems, lineOf);
    }

    /// <summary>The records of the list that this record is itself.</summary>
    public IEnumerable<AnnotationRecord> Items(string noun)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            problems.Add($"{file}: {record} is no list (line {lineOf(json)}).");
            yield break;
        }
        foreach (var (index, element) in json.EnumerateArray().Index())
            yield return new AnnotationRecord(file, $"{record}, {noun} {index + 1}", element, problems, lineOf);
    }

    /// <summary>The fields of this record as records of their own, with their names.</summary>
    public IEnumerable<(string Name, AnnotationRecord Record)> Fields()
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{file}: {record} is no object (line {lineOf(json)}).");
            yield break;
        }
        foreach (var member in json.EnumerateObject())
            yield return (member.Name, new AnnotationRecord(file, $"{record}, '{member.Name}'", member.Value, problems, lineOf));
    }

    /// <summary>A field that must be an object, as a record of its own; null and a problem where it is none.</summary>
    public AnnotationRecord? Part(string field) =>
        Read(field, JsonValueKind.Object, "an object") is { } value ? new AnnotationRecord(file, $"{record}, '{field}'", value, problems, lineOf) : null;

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
                problems.Add($"{file}: {record} is no object (line {lineOf(json)}).");
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

    private void Refuse(string field, string sentence) => problems.Add($"{file}: {record}, field '{field}' {sentence} (line {lineOf(json)}).");

    private static string Id(JsonElement json, string field) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var id) ? $" ('{id}')" : "";
}
