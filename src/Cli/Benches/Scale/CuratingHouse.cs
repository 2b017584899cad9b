using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Cli.Benches.Scale;

/// <summary>
/// The whole product (`./tpo up`) on an account and a folder of its own, gone with this object. How far it is, is read from the requests that storage
/// answers, so that watching costs no request.
/// </summary>
internal sealed partial class CuratingHouse : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly string _home = Directory.CreateTempSubdirectory("tpo-scale-").FullName;
    private readonly int _port = Emulator.FreePort();
    private Emulator _emulator = null!;
    private int _published;

    private CuratingHouse() { }

    public TpoStorage Storage => TpoStorage.FromConnectionString(_emulator.ConnectionString);

    public long Requests => _emulator.Requests;

    /// <summary>Resident memory of the function app.</summary>
    public double AppMegabytes => File.ReadLines($"/proc/{File.ReadAllText(Path.Combine(_home, "run", "app.pid")).Trim()}/status")
        .Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Select(line => double.Parse(line[6..^2], CultureInfo.InvariantCulture)).Single() / 1024;

    public static async Task<CuratingHouse> StartAsync(CancellationToken cancellation)
    {
        var house = new CuratingHouse();
        house._emulator = await Emulator.StartAsync(cancellation, house.Read);
        try
        {
            await house.TpoAsync("up", cancellation);
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    /// <summary>Uploads these files and waits until every one's curation is published.</summary>
    public async Task CurateAsync(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var (before, storage) = (Volatile.Read(ref _published), Storage);
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation },
            async (file, stop) => await storage.UploadFileAsync(Containers.Videos, Path.GetFileName(file), file, stop));
        var (last, clock) = (before, Stopwatch.StartNew());
        while (Volatile.Read(ref _published) is var now && now < before + files.Count)
        {
            if (now > last)
                (last, clock) = (now, Stopwatch.StartNew());
            if (clock.Elapsed > Patience)
                throw new CliFailure($"For {Patience.TotalMinutes} minutes none of {files.Count - (now - before)} videos was curated: "
                    + string.Join(", ", (await RecordsAsync(cancellation)).GroupBy(record => record.Status).Select(group => $"{group.Count()} {group.Key}")));
            await Task.Delay(50, cancellation);
        }
    }

    public Task<IReadOnlyList<VideoRecord>> RecordsAsync(CancellationToken cancellation) => new Catalog(Storage).ListAsync<VideoRecord>(Catalog.Videos, cancellation);

    public Task<IReadOnlyList<LedgerLine>> LedgerAsync(CancellationToken cancellation) => new Ledger(Storage, TimeProvider.System).AllAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await TpoAsync("down", default);
        await _emulator.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    private void Read(string request)
    {
        if (Manifest().IsMatch(request))
            Interlocked.Increment(ref _published);
    }

    private async Task TpoAsync(string verb, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Path.Combine(Surroundings.Root, "tpo"), verb);
        start.Environment["TPO_HOME"] = _home;
        start.Environment["TPO_PORT"] = $"{_port}";
        start.Environment["TPO_STORAGE"] = _emulator.ConnectionString;
        start.Environment["Tpo__MinVideoSeconds"] = "1";
        using var tpo = Process.Start(start)!;
        await tpo.WaitForExitAsync(cancellation);
        if (tpo.ExitCode != 0)
            throw new CliFailure($"./tpo {verb} ended with {tpo.ExitCode}.");
    }

    [GeneratedRegex(@"""PUT [^ ]*/curation/[0-9a-f]{64}/manifest\.json", RegexOptions.CultureInvariant)]
    private static partial Regex Manifest();
}
