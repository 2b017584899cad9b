using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Tpo.GpuJob.Training;

/// <summary>
/// What is free of the memory of the GPU that libtorch takes, the first that CUDA_VISIBLE_DEVICES names. TorchSharp has no call for it; the driver's own
/// tool, nvidia-smi, is there wherever a driver is.
/// </summary>
public static class GpuMemory
{
    /// <returns>bytes; null where the tool is missing or fails</returns>
    public static async Task<long?> FreeAsync(CancellationToken stop)
    {
        string visible = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")?.Split(',')[0].Trim() is { Length: > 0 } first ? first : "0";
        var start = new ProcessStartInfo("nvidia-smi", ["--query-gpu=memory.free", "--format=csv,noheader,nounits", "-i", visible]) { RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return process.ExitCode == 0 ? Parse(output) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>One line, MiB without their unit: `143052`. Null for anything else, such as `[N/A]`.</summary>
    public static long? Parse(string output) =>
        long.TryParse(output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long mebibytes) ? mebibytes << 20 : null;
}
