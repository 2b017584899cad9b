using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>One record of an annotation file, read field by field; whatever is wrong becomes a sentence that names file, record and field.</summary>
internal sealed class AnnotationRecord(string file, int number, JsonElement json, List<string> problems)
{
    private readonly int _problemsBefore = problems.Count;

    public bool IsSound => problems.Count == _problemsBefore;

    public string Text(string field) => Read(field, JsonValueKind.String, "a text") is { } value ? value.GetString()! : "";

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
                problems.Add($"{file}: record {number} is no object.");
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

    private void Refuse(string field, string sentence) => problems.Add($"{file}: record {number}{Name}, field '{field}' {sentence}.");

    private string Name => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id", out var id) ? $" ('{id}')" : "";
}
