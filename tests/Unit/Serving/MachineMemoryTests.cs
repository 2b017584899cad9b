using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>The memory that is free, as Linux and its control groups of both versions say it.</summary>
public sealed class MachineMemoryTests : IDisposable
{
    private const long Mib = 1 << 20;
    private readonly TemporaryFolder _root = new();

    [Fact]
    public void Without_a_limit_it_is_the_kernels_estimate()
    {
        Write("proc/meminfo", "MemTotal:       24000000 kB\nMemFree:  1000 kB\nMemAvailable:    2097152 kB\n");
        Assert.Equal(2048 * Mib, MachineMemory.Available(_root.Path));
        Write("proc/self/cgroup", "0::/app\n");
        Write("sys/fs/cgroup/app/memory.max", "max\n");
        Write("sys/fs/cgroup/app/memory.current", "1000\n");
        Assert.Equal(2048 * Mib, MachineMemory.Available(_root.Path));
    }

    [Fact]
    public void A_group_counts_with_those_above_it_and_cached_files_are_free()
    {
        Write("proc/meminfo", "MemAvailable:    2097152 kB\n");
        Write("proc/self/cgroup", "0::/pod/app\n");
        Limit("sys/fs/cgroup/pod/app", "max", "current", limit: 1024, used: 300, "inactive_file", cached: 100);
        Assert.Equal(824 * Mib, MachineMemory.Available(_root.Path));
        Limit("sys/fs/cgroup/pod", "max", "current", limit: 600, used: 500, "inactive_file", cached: 0);
        Assert.Equal(100 * Mib, MachineMemory.Available(_root.Path));
    }

    [Fact]
    public void Version_1_says_it_in_its_own_words()
    {
        Write("proc/meminfo", "MemAvailable:    2097152 kB\n");
        Write("proc/self/cgroup", "5:cpu:/x\n4:memory:/box\n0::/\n");
        Limit("sys/fs/cgroup/memory/box", "limit_in_bytes", "usage_in_bytes", limit: 512, used: 200, "total_inactive_file", cached: 50);
        Assert.Equal(362 * Mib, MachineMemory.Available(_root.Path));
    }

    [Fact]
    public void This_machine_has_some() => Assert.InRange(MachineMemory.Available(), 1 * Mib, long.MaxValue);

    public void Dispose() => _root.Dispose();

    private void Limit(string group, string limitFile, string useFile, long limit, long used, string statistic, long cached)
    {
        Write($"{group}/memory.{limitFile}", $"{limit * Mib}\n");
        Write($"{group}/memory.{useFile}", $"{used * Mib}\n");
        Write($"{group}/memory.stat", $"anon 5\n{statistic} {cached * Mib}\n");
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
