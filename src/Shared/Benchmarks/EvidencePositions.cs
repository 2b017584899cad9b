using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>Where in a video the evidence of its questions lies, as far as annotations say so: LongVideoBench's `position` is a list of frame numbers.</summary>
public static class EvidencePositions
{
    /// <summary>By question id, the mean of its frame numbers. A record that says nothing of use is left out: loading has named what is wrong with a file already.</summary>
    public static IReadOnlyDictionary<string, double> OfLongVideoBench(string json)
    {
        var positions = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var record in JsonElement.Parse(json).EnumerateArray())
        {
            if (record.TryGetProperty("id", out var id) && record.TryGetProperty("position", out var list)
                && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 && list.EnumerateArray().All(frame => frame.ValueKind == JsonValueKind.Number))
                positions[id.ToString()] = list.EnumerateArray().Average(frame => frame.GetDouble());
        }
        return positions;
    }
}
