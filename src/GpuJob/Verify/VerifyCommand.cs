using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Tpo.GpuJob.Training;

namespace Tpo.GpuJob.Verify;

/// <summary>`verify`: this build against reference numbers. 0 = all within tolerance, 1 = something is not, 2 = a path of no known kind.</summary>
public static class VerifyCommand
{
    /// <summary>Every kind of reference, one file each.</summary>
    private static readonly IReferenceCheck[] Kinds =
    [
        new ModelReference(),
        new TokenizerReference(Environment.GetEnvironmentVariable("TPO_ROOT") is { } root ? Path.Combine(root, "infra", "offline", "node_modules") : null),
        new ImagesReference(),
        new FrameSamplingReference(),
        new BenchmarkReference(),
        new PreferenceReference(),
    ];

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = $"one or more of: {string.Join("; ", Kinds.Select(kind => kind.Describes))}", Arity = ArgumentArity.OneOrMore };
        var engine = new Option<VerifyEngine>("--engine") { Description = "what computes a model's numbers: torch, or onnx (exported and served)" };
        var details = new Option<bool>("--details") { Description = "also a line for each thing compared" };
        var command = new Command("verify", "Compares this build with reference numbers: 0 within tolerance, 1 not, 2 a path of no known kind.") { paths, engine, details };
        command.SetAction(parsed => Run(parsed.GetValue(paths)!, parsed.GetValue(engine), parsed.GetValue(details), Console.Out));
        return command;
    }

    public static int Run(IReadOnlyList<string> paths, VerifyEngine engine, bool details, TextWriter output)
    {
        ComputeThreads.Use();
        var known = new List<(string Path, IReferenceCheck Kind)>();
        foreach (string path in paths)
        {
            if (Kinds.FirstOrDefault(kind => kind.Recognises(path)) is not { } kind)
            {
                output.WriteLine(Path.Exists(path)
                    ? $"'{path}' is no reference that this build knows; known: {string.Join("; ", Kinds.Select(other => other.Describes))}."
                    : $"'{path}' does not exist.");
                return 2;
            }
            known.Add((path, kind));
        }

        List<ReferenceFile> files = [.. known.SelectMany(each => Check(each.Kind, each.Path, engine)).Select(file => Told(file, details, output))];
        int over = files.Count(file => !file.Passed);
        output.WriteLine(over == 0
            ? $"verify: {files.Count} files, {files.Sum(file => file.Findings.Count)} comparisons, all within tolerance"
            : $"verify: {over} of {files.Count} files are NOT within tolerance");
        return over == 0 ? 0 : 1;
    }

    /// <summary>A reference that cannot be used is a failed file with its sentence, so that the other paths are still checked.</summary>
    private static IEnumerable<ReferenceFile> Check(IReferenceCheck kind, string path, VerifyEngine engine)
    {
        using IEnumerator<ReferenceFile> files = kind.Check(path, engine).GetEnumerator();
        while (true)
        {
            ReferenceFile? unusable = null;
            try
            {
                if (!files.MoveNext())
                    yield break;
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException or JsonException or KeyNotFoundException or ArgumentException
                or ExternalException or OnnxRuntimeException)
            {
                unusable = new ReferenceFile(path, "not compared", [Finding.Failed("why", e.Message)]);
            }
            yield return unusable ?? files.Current;
            if (unusable is not null)
                yield break;
        }
    }

    private static ReferenceFile Told(ReferenceFile file, bool details, TextWriter output)
    {
        output.WriteLine($"{(file.Passed ? "ok  " : "OVER")}  {file.File}: {file.Compared}; {(file.Greatest is { } greatest ? $"greatest error: {greatest}" : "nothing was compared")}");
        foreach (Finding finding in file.Findings.Where(finding => details || (!finding.Passed && finding != file.Greatest)))
            output.WriteLine($"        {(finding.Passed ? "ok  " : "OVER")}  {finding}");
        return file;
    }
}
