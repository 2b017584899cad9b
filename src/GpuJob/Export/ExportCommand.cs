using System.CommandLine;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>`export`: the ONNX graphs that serve a checkpoint.</summary>
public static class ExportCommand
{
    public static Command Create()
    {
        var model = new Option<DirectoryInfo>("--model")
        {
            Description = "folder with config.json and the safetensors file(s)",
            Required = true,
        };
        model.AcceptExistingOnly();
        var target = new Option<DirectoryInfo?>("--out") { Description = "folder for the graphs (default: onnx/ in the model's folder)" };
        var dtype = new Option<ServingType>("--dtype") { Description = "what is computed in: f32 (CPU, the default), f16 or bf16 (CUDA); weights of another type are converted into one file beside the graphs" };
        var lora = new Option<DirectoryInfo[]>("--lora") { Description = "folder of a PEFT adapter (adapter_config.json, adapter_model.safetensors) to merge into the weights; may be given several times", Arity = ArgumentArity.ZeroOrMore };
        lora.AcceptExistingOnly();
        var int8 = new Option<bool>("--int8") { Description = "round the decoder's linear layers to eight bits (CPU): faster answers, put in place only if at least 98 % of the likeliest tokens stay the same" };
        var questions = new Option<FileInfo>("--questions") { Description = "what --int8 is compared on: a file with one question a line (default: general questions)" };
        questions.AcceptExistingOnly();
        var command = new Command("export", "Writes the ONNX graphs that serve a checkpoint; its weights stay where they are if they can.") { model, target, dtype, lora, int8, questions };
        command.SetAction(parsed =>
        {
            var report = OnnxExporter.Export(parsed.GetValue(model)!.FullName, new ExportOptions
            {
                Out = parsed.GetValue(target)?.FullName,
                Dtype = parsed.GetValue(dtype),
                Int8 = parsed.GetValue(int8),
                Questions = parsed.GetValue(questions) is { } file ? [.. File.ReadLines(file.FullName).Where(line => !string.IsNullOrWhiteSpace(line))] : [],
                Adapters = [.. (parsed.GetValue(lora) ?? []).Select(folder => folder.FullName)],
            });
            foreach (var line in report.Lines())
                Console.WriteLine(line);
        });
        return command;
    }
}
