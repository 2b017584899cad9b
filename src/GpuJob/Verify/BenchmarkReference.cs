using System.Text.Json;
using Tpo.GpuJob.Verify.Benchmarks;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// Scoring cases of a benchmark: answers and annotations, and what the benchmark's own code makes of them. A comparison is a case; a case that this
/// build has no check for fails. Numbers agree to four decimals, texts and letters to the letter.
/// </summary>
public sealed class BenchmarkReference : IReferenceCheck
{
    /// <summary>The file's name says which benchmark it is, a case's id what is checked.</summary>
    private static readonly Dictionary<string, IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>>> Files = new()
    {
        ["longvideobench"] = LongVideoBenchCases.All, ["mlvu"] = MlvuCases.All, ["video-mme"] = VideoMmeCases.All, ["videohallucer"] = VideoHallucerCases.All,
        ["next-gqa"] = NextGqaCases.All, ["mvbench"] = MvBenchCases.All, ["tempcompass"] = TempCompassCases.All, ["tvbench"] = TvBenchCases.All,
        ["vidhalluc"] = VidHallucCases.All, ["eventhallusion"] = EventHallusionCases.All,
    };

    public string Describes => $"a file of scoring cases (a JSON array with `id`, `predictions`, `annotations`, `expected`), named {string.Join(", ", Files.Keys.Select(name => $"{name}.json"))}";

    public bool Recognises(string path) => File.Exists(path) && path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && JsonRows.Have(path, "how_obtained");

    public IEnumerable<ReferenceFile> Check(string path, VerifyEngine engine)
    {
        var cases = JsonElement.Parse(File.ReadAllText(path)).EnumerateArray().Select(json => GoldenCase.Of(path, json)).ToList();
        if (!Files.TryGetValue(Path.GetFileNameWithoutExtension(path), out var checks))
            throw new InvalidDataException($"no benchmark has this file's name; known: {string.Join(", ", Files.Keys)}.");
        yield return new ReferenceFile(path, $"{cases.Count} cases", [.. cases.Select(golden => Compare(golden, checks))]);
    }

    /// <summary>The comparison of a case that is furthest from agreeing stands for it.</summary>
    private static Finding Compare(GoldenCase golden, IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> checks)
    {
        if (!checks.TryGetValue(golden.Id, out var check))
            return Finding.Failed(golden.Id, "this build has no check for this case");
        try
        {
            var worst = check(golden).MaxBy(finding => finding.Share);
            return worst is null ? Finding.Failed(golden.Id, "nothing was compared") : worst with { What = worst.Error == 0 ? golden.Id : $"{golden.Id}, {worst.What}" };
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or InvalidDataException or IOException)
        {
            return Finding.Failed(golden.Id, e.Message);
        }
    }
}
