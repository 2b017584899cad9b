using System.CommandLine;

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
        var command = new Command("export", "Writes the ONNX graphs that serve a checkpoint; its weights stay where they are.") { model, target };
        command.SetAction(parsed => Run(parsed.GetValue(model)!.FullName, new ExportOptions { Out = parsed.GetValue(target)?.FullName }));
        return command;
    }

    private static int Run(string modelFolder, ExportOptions options)
    {
        var report = OnnxExporter.Export(modelFolder, options);
        foreach (var (graph, bytes) in report.GraphBytes)
            Console.WriteLine($"{Path.Combine(report.Folder, graph)}: {bytes} bytes, weights in place");
        Console.WriteLine($"Exported, and opened in ONNX Runtime, in {report.Seconds:F1} s.");
        return 0;
    }
}
