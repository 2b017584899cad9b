using System.CommandLine;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Memory;

/// <summary>`memory`: what serving or training a model takes, by arithmetic from its config.json, or measured beside it.</summary>
public static class MemoryCommand
{
    public static Command Create()
    {
        var model = new Option<DirectoryInfo>("--model") { Description = "folder with config.json (weights and graphs are needed for --measure alone)", Required = true };
        model.AcceptExistingOnly();
        var frames = new Option<int[]>("--frames") { Description = "frames of the video (default: 32 and 64); may be given several times", DefaultValueFactory = _ => [32, 64] };
        var dtypes = new Option<ServingType[]>("--dtype") { Description = "f32 (CPU; with it int8), f16 or bf16 (CUDA); default: all", DefaultValueFactory = _ => Enum.GetValues<ServingType>() };
        var questions = new Option<int>("--questions") { Description = "questions answered side by side", DefaultValueFactory = _ => 1 };
        var question = new Option<int>("--question-tokens") { Description = "tokens of a question, with the template's around it", DefaultValueFactory = _ => 64 };
        var answer = new Option<int>("--answer-tokens") { Description = "tokens of an answer", DefaultValueFactory = _ => 64 };
        var low = new Option<bool>("--low-memory") { Description = "weights stay in the mapped files" };
        var available = new Option<double?>("--available") { Description = "GiB to judge by (default: what this machine has free; a GPU's is not known)" };
        var measure = new Option<bool>("--measure") { Description = "answer about noise and print this process's peak beside the plan" };
        var training = new Option<bool>("--training") { Description = "what training it takes instead, for GPUs of several sizes (of the options above, --frames alone counts)" };
        var videos = new Option<int>("--videos") { Description = "with --training: different videos of a step", DefaultValueFactory = _ => 4 };
        var command = new Command("memory", "What serving or training a model takes in memory, before anything is loaded.") { model, frames, dtypes, questions, question, answer, low, available, measure, training, videos };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = parsed.GetValue(model)!.FullName;
            if (parsed.GetValue(training))
            {
                foreach (var line in TrainingMemoryTable.Lines(TrainingMemoryTable.Plans(CheckpointConfig.Load(folder), parsed.GetValue(frames)!, parsed.GetValue(videos))))
                    Console.WriteLine(line);
                return;
            }
            var options = new ServingOptions { LowMemory = parsed.GetValue(low) };
            var workloads = parsed.GetValue(frames)!.Select(count =>
                new MemoryWorkload(count, parsed.GetValue(questions), parsed.GetValue(question), parsed.GetValue(answer))).ToArray();
            if (parsed.GetValue(measure))
            {
                Console.WriteLine(await MemoryMeasurement.RunAsync(folder, options, workloads[0], cancellation));
                return;
            }
            var config = CheckpointConfig.Load(folder);
            var plans = MemoryTable.Plans(config, parsed.GetValue(dtypes)!, options, workloads);
            foreach (var line in MemoryTable.Lines(plans, parsed.GetValue(available) is { } gib ? (long)(gib * (1L << 30)) : null))
                Console.WriteLine(line);
        });
        return command;
    }
}
