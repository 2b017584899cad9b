using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tpo.GpuJob.Memory;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Bench;

/// <summary>
/// `bench-step`: training steps on demand, for whoever measures them from outside. Each line read is one step asked for, each answer
/// `SECONDS LOSS`; at the end of the input `peak_kb N`, the process's greatest resident memory.
/// </summary>
public static class BenchStepCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "where the model lies; a folder without a config.json gets a fresh one and nothing is measured" };
        var batch = new Option<int>("--batch") { Description = "rows a step", DefaultValueFactory = _ => 4 };
        var length = new Option<int>("--length") { Description = "tokens a row", DefaultValueFactory = _ => 256 };
        var command = new Command("bench-step", "Training steps of a small decoder, one a line of the input (for ./tpo bench torch).") { folder, batch, length };
        command.SetAction(parsed =>
        {
            ComputeThreads.Use();
            var path = parsed.GetValue(folder)!.FullName;
            if (File.Exists(Path.Combine(path, "config.json")))
                Measure(path, parsed.GetValue(batch), parsed.GetValue(length));
            else
                WriteModel(path);
        });
        return command;
    }

    private static void WriteModel(string folder)
    {
        Directory.CreateDirectory(folder);
        using var model = new LlavaQwenForCausalLM(TrainingStep.Shape);
        Initialisation.Initialise(model, seed: 1, deviation: 0.05);
        Checkpoint.SaveWeights(model, Path.Combine(folder, WeightFiles.Single));
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(TrainingStep.Shape));
    }

    private static void Measure(string folder, int batch, int length)
    {
        using var step = new TrainingStep(Checkpoint.Load(folder), batch, length);
        for (var number = 0; Console.ReadLine() is not null; number++)
        {
            var clock = Stopwatch.StartNew();
            var loss = step.Run(number);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:F6} {loss:F8}"));
        }
        Console.WriteLine($"peak_kb {ResidentMemory.Peak() >> 10}");
    }
}
