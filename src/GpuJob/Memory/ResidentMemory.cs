using System.Globalization;

namespace Tpo.GpuJob.Memory;

/// <summary>Resident memory of this process in bytes, as the kernel counts it (Linux).</summary>
internal static class ResidentMemory
{
    public static long Now() => Read("VmRSS:");

    /// <summary>The greatest of this process's life, or since it was forgotten.</summary>
    public static long Peak() => Read("VmHWM:");

    /// <summary>From now on <see cref="Peak"/> is the greatest since now (proc(5), clear_refs).</summary>
    public static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Read(string key) => File.Exists("/proc/self/status")
        ? long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10
        : throw new NotSupportedException("Memory is measured from /proc/self/status, which is Linux's.");
}
