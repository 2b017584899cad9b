using System.Text.Json;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>Preference optimisation: a line a training run of golden.json, and one for loss_table.json where there is one.</summary>
public sealed class PreferenceReference : IReferenceCheck
{
    private const string Table = "loss_table.json";

    public string Describes => $"a preference folder ({PreferenceGolden.Json} with runs and pairs, {PreferenceGolden.Tensors}, {PreferenceGolden.Videos})";

    public bool Recognises(string path) =>
        new[] { PreferenceGolden.Json, PreferenceGolden.Tensors, PreferenceGolden.Videos }.All(name => File.Exists(Path.Combine(path, name)));

    /// <summary>Training happens in TorchSharp, whatever the engine.</summary>
    public IEnumerable<ReferenceFile> Check(string path, VerifyEngine engine)
    {
        PreferenceGolden golden = PreferenceGolden.Load(path);
        string json = Path.Combine(path, PreferenceGolden.Json);
        foreach (PreferenceWay way in Ways(path))
            foreach ((string name, PreferenceGolden.Run run) in golden.Runs)
            {
                using var training = new PreferenceRun(golden, name, way);
                Finding[] findings = [.. training.Compare()];
                yield return new ReferenceFile(
                    $"{json} run '{name}' in {way.Name}", $"{run.Steps.Count} steps of {golden.Pairs.Count} pairs, {findings.Length} numbers and tensors", findings);
            }
        string[] orphans = [.. SafetensorsFile.ReadHeader(Path.Combine(path, PreferenceGolden.Tensors)).Keys
            .Where(tensor => !golden.Runs.Keys.Any(run => tensor.StartsWith($"{run}.", StringComparison.Ordinal)))];
        if (orphans.Length > 0)
            yield return new ReferenceFile(Path.Combine(path, PreferenceGolden.Tensors), $"{orphans.Length} tensors of no run",
                [.. orphans.Select(tensor => Finding.Failed(tensor, $"{PreferenceGolden.Json} has no run of this name, so it was not compared"))]);
        if (File.Exists(Path.Combine(path, Table)))
            yield return LossTable.Check(Path.Combine(path, Table));
    }

    /// <summary>What was rounded to f32 says nothing about f64.</summary>
    private static IEnumerable<PreferenceWay> Ways(string path)
    {
        bool precise = SafetensorsFile.ReadHeader(Path.Combine(path, PreferenceGolden.Tensors)).Values.All(entry => entry.Dtype == "F64");
        return PreferenceWay.All.Where(way => precise || way.Type == TorchSharp.torch.ScalarType.Float32);
    }
}
