using System.CommandLine;
using Tpo.GpuJob.Training;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Bench;

/// <summary>`bench-model`: the model that `./tpo bench serving` measures.</summary>
public static class BenchModelCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "where the model goes; kept where it lies there already" };
        var tokenizer = new Option<DirectoryInfo>("--tokenizer") { Description = "folder of the tokenizer.json that is widened to the model's vocabulary", Required = true };
        tokenizer.AcceptExistingOnly();
        var small = new Option<bool>("--small") { Description = "20 tokens a frame instead of 210" };
        var command = new Command("bench-model", "Writes a model of 100 million random weights (for ./tpo bench serving).") { folder, tokenizer, small };
        command.SetAction(parsed =>
        {
            ComputeThreads.Use();
            var config = parsed.GetValue(small) ? BenchModel.Small : BenchModel.Large;
            var path = parsed.GetValue(folder)!.FullName;
            var written = BenchModel.Write(config, path, parsed.GetValue(tokenizer)!.FullName);
            Console.WriteLine($"{path}: {WeightCount(config):N0} weights, {(written ? "written" : "kept")}");
        });
        return command;
    }

    private static long WeightCount(CheckpointConfig config) =>
        Model.TensorShapes.Of(config).Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));
}
