using System.Globalization;

namespace Tpo.Shared.Models;

/// <summary>What of this machine's memory a process may still take: the kernel's estimate, or what is left under the tightest limit of its control groups.</summary>
public static class MachineMemory
{
    /// <param name="root">the file system's root, or a folder that looks like one</param>
    /// <returns>bytes; off Linux what the runtime knows</returns>
    public static long Available(string root = "/")
    {
        var free = MemAvailable(Path.Combine(root, "proc/meminfo"));
        if (free is null)
        {
            var known = GC.GetGCMemoryInfo();
            return Math.Max(0, known.TotalAvailableMemoryBytes - known.MemoryLoadBytes);
        }
        return Groups(root).Select(group => LeftOf(group)).Append(free).Min()!.Value;
    }

    private static long? MemAvailable(string path) =>
        !File.Exists(path) ? null : File.ReadLines(path).FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10
            : null;

    /// <summary>
    /// The folders of this process's groups (`/proc/self/cgroup`: `0::/path` in version 2, `n:memory:/path` in version 1), each with those above
    /// it. A container that sees only its own group finds it at the top.
    /// </summary>
    private static IEnumerable<string> Groups(string root)
    {
        var own = Path.Combine(root, "proc/self/cgroup");
        foreach (var parts in (File.Exists(own) ? File.ReadAllLines(own) : []).Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            var hierarchy = parts[0] == "0" ? "sys/fs/cgroup" : parts[1].Split(',').Contains("memory") ? "sys/fs/cgroup/memory" : null;
            if (hierarchy is null)
                continue;
            for (var group = parts[2].Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
            {
                yield return Path.Combine(root, hierarchy, group);
                if (group.Length == 0)
                    break;
            }
        }
    }

    /// <summary>Limit − use, cached files not counted as use; null where there is no limit.</summary>
    private static long? LeftOf(string group)
    {
        var limit = Number(Path.Combine(group, "memory.max")) ?? Number(Path.Combine(group, "memory.limit_in_bytes"));
        var used = Number(Path.Combine(group, "memory.current")) ?? Number(Path.Combine(group, "memory.usage_in_bytes"));
        if (limit is null || used is null)
            return null;
        var cached = Statistic(Path.Combine(group, "memory.stat"), ["inactive_file", "total_inactive_file"]);
        return Math.Max(0, limit.Value - Math.Max(0, used.Value - cached));
    }

    private static long? Number(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long Statistic(string path, string[] names) => !File.Exists(path) ? 0 : File.ReadLines(path)
        .Select(line => line.Split(' ')).Where(parts => parts.Length == 2 && names.Contains(parts[0]))
        .Select(parts => long.Parse(parts[1], CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();
}
