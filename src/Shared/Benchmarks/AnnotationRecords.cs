using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>The records of an annotation file's text, in the forms that files have; what is no such file is a problem, and gives no records.</summary>
internal static class AnnotationRecords
{
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
        var lineOf = JsonLines.Of(json, root);
        foreach (var (index, element) in root.EnumerateArray().Index())
            yield return new AnnotationRecord(file, index + 1, element, problems, lineOf, idField);
    }

    /// <summary>The records of a file that has one a line; an empty line is none.</summary>
    public static IEnumerable<AnnotationRecord> Lines(string text, string file, List<string> problems, string idField = "id")
    {
        var number = 0;
        foreach (var (index, line) in text.Split('\n').Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)))
        {
            JsonElement? record = null;
            try
            {
                record = JsonElement.Parse(line);
            }
            catch (JsonException e)
            {
                problems.Add($"{file}: is no JSON in line {index + 1}: {e.Message}");
            }
            number++;
            if (record is { } json)
                yield return new AnnotationRecord(file, number, json, problems, _ => index + 1, idField);
        }
    }

    /// <summary>The records of a file that is one object, with their keys; a key that comes again, or a file that is none, is a problem.</summary>
    /// <param name="what">what the keys name: "videos"</param>
    public static IEnumerable<(string Key, AnnotationRecord Record)> Map(string json, string file, string what, List<string> problems)
    {
        if (Root(json, file, problems) is not { } root)
            yield break;
        if (root.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{file}: must be an object of {what}.");
            yield break;
        }
        var (lineOf, keys) = (JsonLines.Of(json, root), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (index, member) in root.EnumerateObject().Index())
        {
            var record = $"record {index + 1} ('{member.Name}')";
            if (!keys.Add(member.Name))
                problems.Add($"{file}: {record} stands in an earlier record too (line {lineOf(member.Value)}).");
            else
                yield return (member.Name, new AnnotationRecord(file, record, member.Value, problems, lineOf));
        }
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
}
