using System.Globalization;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// Everything a run changes: the model, the tower's teacher, the optimiser. A checkpoint holds all of it in f32 under names of its step,
/// written before `step.txt` names it, so a kill leaves the older checkpoint whole.
/// </summary>
public sealed class SftState
{
    private readonly string _folder;

    public SftState(string folder, uint seed)
    {
        _folder = folder;
        Model = new LlavaQwenForCausalLM(CheckpointConfig.Load(folder));
        NanoStart.Fill(Model, seed);
        Teacher = new TowerTeacher(Model.Config.Vision);
        Adam = new Adam([.. Model.TrainableParameters(), .. Teacher.Parameters]);
    }

    public LlavaQwenForCausalLM Model { get; }
    public TowerTeacher Teacher { get; }
    public Adam Adam { get; }

    public void Save(int step)
    {
        Checkpoint.SaveWeights(Model, WeightsFile(_folder, step));
        var rest = new Dictionary<string, Tensor>(Adam.Moments);
        foreach (var (name, parameter) in Teacher.Parameters)
            rest[name] = parameter;
        TensorFile.Write(RestFile(_folder, step), rest);
        File.WriteAllText(StepFile(_folder) + ".partial", string.Create(CultureInfo.InvariantCulture, $"{step}\n"));
        File.Move(StepFile(_folder) + ".partial", StepFile(_folder), overwrite: true);
        RemoveOlderThan(step);
    }

    /// <summary>A checkpoint is of no use once a newer one is whole; only those of a round thousand stay, to look back.</summary>
    private void RemoveOlderThan(int step)
    {
        foreach (var file in Directory.EnumerateFiles(_folder, "step-*.safetensors"))
            if (int.Parse(Path.GetFileName(file).AsSpan(5, 6), CultureInfo.InvariantCulture) is var older && older < step && older % 1000 != 0)
                File.Delete(file);
    }

    /// <summary>Takes up the newest checkpoint; returns the step to go on with, 0 where there is none.</summary>
    public int Resume()
    {
        if (LatestStep(_folder) is not { } step)
            return 0;
        using var scope = NewDisposeScope();
        File.Copy(WeightsFile(_folder, step), Path.Combine(_folder, "model.safetensors"), overwrite: true);
        Checkpoint.LoadWeights(Model, _folder);
        var rest = TensorFile.ReadAll(RestFile(_folder, step));
        Adam.Load(rest);
        using var frozen = no_grad();
        foreach (var (name, parameter) in Teacher.Parameters)
            parameter.copy_(rest[name]);
        return step;
    }

    /// <summary>The step of the folder's newest whole checkpoint, or null.</summary>
    public static int? LatestStep(string folder) =>
        File.Exists(StepFile(folder)) ? int.Parse(File.ReadAllText(StepFile(folder)), CultureInfo.InvariantCulture) : null;

    public static string WeightsFile(string folder, int step) => Path.Combine(folder, $"step-{step:D6}.safetensors");
    private static string RestFile(string folder, int step) => Path.Combine(folder, $"step-{step:D6}.rest.safetensors");
    private static string StepFile(string folder) => Path.Combine(folder, "step.txt");
}
