using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tpo.GpuJob.Bench;
using Tpo.GpuJob.Export;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A model of random weights, exported, and what a process of its own needs to answer with it: as planned, and as the kernel saw it.</summary>
internal sealed class MemoryPeak : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MemoryPeak(CheckpointConfig config)
    {
        using var tokenizer = new TemporaryFolder();
        BenchModel.Write(config, _folder.Path, SmallTokenizer.WriteTo(tokenizer.Path));
        OnnxExporter.Export(_folder.Path);
    }

    /// <summary>A copy of a model that lies elsewhere.</summary>
    public MemoryPeak(string modelFolder, bool int8)
    {
        foreach (var file in new[] { "config.json", "tokenizer.json", WeightFiles.Single })
            File.Copy(Path.Combine(modelFolder, file), Path.Combine(_folder.Path, file));
        OnnxExporter.Export(_folder.Path, new ExportOptions { Int8 = int8 });
    }

    /// <summary>Planned and measured peak in bytes.</summary>
    public async Task<(long Planned, long Measured)> MeasureAsync(MemoryWorkload workload, bool lowMemory = false)
    {
        string[] numbers = ["--frames", $"{workload.Frames}", "--questions", $"{workload.Questions}", "--question-tokens", $"{workload.QuestionTokens}", "--answer-tokens", $"{workload.AnswerTokens}"];
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Tpo.GpuJob.dll"), "memory", "--model", _folder.Path, "--measure", .. numbers, .. lowMemory ? ["--low-memory"] : Array.Empty<string>()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await errors);
        var found = Regex.Match(output, @"planned (\d+) bytes.*measured (\d+) bytes");
        Assert.True(found.Success, output);
        return (long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), long.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    public static void Within15Percent((long Planned, long Measured) peak) => Assert.True(
        Math.Abs((double)peak.Planned / peak.Measured - 1) <= 0.15,
        FormattableString.Invariant($"planned {peak.Planned >> 20} MiB, measured {peak.Measured >> 20} MiB: {(double)peak.Planned / peak.Measured:F3}"));

    public void Dispose() => _folder.Dispose();
}
