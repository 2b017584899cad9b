using System.Globalization;

namespace Tpo.Cli.Benches.Frames;

/// <summary>Watches the resident memory of this process's descendants together; the peak is of samples, 20 a second.</summary>
internal sealed class ChildMemory : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _watcher;
    private long _peakKb;

    public ChildMemory()
    {
        _watcher = new Thread(() =>
        {
            while (!_stop.Token.WaitHandle.WaitOne(50))
                _peakKb = Math.Max(_peakKb, ResidentKb());
        });
        _watcher.Start();
    }

    public double PeakMb => _peakKb / 1024.0;

    public void Dispose()
    {
        _stop.Cancel();
        _watcher.Join();
        _stop.Dispose();
    }

    private static long ResidentKb()
    {
        var processes = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => Read(name!)).OfType<(int Id, int Parent, long Kb)>().ToList();
        HashSet<int> family = [Environment.ProcessId];
        while (processes.Count(process => family.Contains(process.Parent) && family.Add(process.Id)) > 0)
        {
        }
        return processes.Where(process => process.Id != Environment.ProcessId && family.Contains(process.Id)).Sum(process => process.Kb);
    }

    private static (int Id, int Parent, long Kb)? Read(string process)
    {
        try
        {
            var lines = File.ReadAllLines($"/proc/{process}/status");
            return (int.Parse(process, CultureInfo.InvariantCulture), (int)Value("PPid:"), Value("VmRSS:"));

            long Value(string key) => lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
                ? long.Parse(line[key.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            return null; // ended meanwhile
        }
    }
}
