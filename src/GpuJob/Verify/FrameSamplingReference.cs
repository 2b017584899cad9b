using System.Text.Json;
using System.Text.Json.Serialization;
using Tpo.Shared.Media;

namespace Tpo.GpuJob.Verify;

/// <summary>Which frames uniform sampling takes, for many lengths of video and numbers of frames.</summary>
public sealed class FrameSamplingReference : IReferenceCheck
{
    public string Describes => "a file of frame indices (a JSON array with `total_frames`, `frames`, `indices`)";

    public bool Recognises(string path) => File.Exists(path) && path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && JsonRows.Have(path, "total_frames");

    public IEnumerable<ReferenceFile> Check(string path, VerifyEngine engine)
    {
        var rows = JsonSerializer.Deserialize<List<SamplingRow>>(File.ReadAllText(path)) ?? [];
        Finding[] findings = [.. rows.Select(row =>
            Finding.Identical($"{row.Frames} of {row.Total} frames", row.Indices, FramePlanner.Uniform(row.Total, fps: 1, row.Frames).Indices))];
        yield return new ReferenceFile(path, $"{rows.Count} samplings", findings);
    }

    private sealed record SamplingRow(
        [property: JsonPropertyName("total_frames"), JsonRequired] int Total, [property: JsonPropertyName("frames"), JsonRequired] int Frames,
        [property: JsonPropertyName("indices"), JsonRequired] int[] Indices);
}
