using System.Globalization;

namespace Tpo.GpuJob.Bench;

/// <summary>The greatest resident memory of this process's life (Linux).</summary>
internal static class PeakMemory
{
    public static long Kb() => File.ReadLines("/proc/self/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).Single();
}
