using System.Collections.Concurrent;
using Azure.Storage.Blobs;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>
/// One life of a hub: for each kill a process is started, a new wave of load begins, and the process dies; the waves go on through it all.
/// In the end a last process lives until everything has ended.
/// </summary>
internal sealed class LoadRun : IDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource end = new();
    private readonly LoadProcess process;
    private readonly HttpClient http;
    private readonly BlobContainerClient container;
    private readonly Steering steering;
    private readonly Board board;
    private readonly Task looking;
    private readonly ConcurrentDictionary<string, string> purged = [];
    private readonly List<Task> waves = [];

    public LoadRun(string storage, string hub, bool replayAlways = false)
    {
        process = new LoadProcess(storage, hub, AzuriteFixture.FreePort(), replayAlways);
        // A connection for each request: on a used one that breaks, the handler would send again by itself and tell nobody.
        var connections = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero };
        http = new HttpClient(connections) { BaseAddress = new Uri($"http://127.0.0.1:{process.Port}"), Timeout = TimeSpan.FromSeconds(30) };
        container = new BlobServiceClient(storage).GetBlobContainerClient($"{hub}-durable");
        steering = new Steering(http, end.Token);
        board = new Board(steering, end.Token);
        looking = board.RunAsync();
    }

    /// <summary>Kills at fault points that were reached, in order.</summary>
    public List<Kill> Reached { get; } = [];

    /// <summary>What happened, a line for each kill.</summary>
    public List<string> Told { get; } = [];

    public string LastWords => process.Log is { Length: > 3000 } log ? log[^3000..] : process.Log;

    public async Task DieAsync(Kill kill, bool withWave = true)
    {
        process.Start(kill.Fault);
        if (withWave) BeginWave();
        if (!await process.EndsWithinAsync(kill.Patience))
        {
            await process.KillAsync();
            Told.Add($"kill {Told.Count + 1}: {(kill.Fault is null ? "" : $"{kill.Fault} not reached, so ")}from outside after {kill.Patience.TotalMilliseconds:F0} ms");
            return;
        }
        if (process.FaultReached is null) throw new InvalidOperationException("The app ended by itself.");
        Told.Add($"kill {Told.Count + 1}: {kill.Fault}");
        Reached.Add(kill);
    }

    /// <summary>The waves of an undisturbed run.</summary>
    public async Task LiveAsync(int count)
    {
        process.Start(null);
        for (var i = 0; i < count; i++)
        {
            BeginWave();
            await Task.Delay(100);
        }
    }

    /// <param name="expected">Instances that must finish too, besides those of the waves.</param>
    /// <exception cref="TimeoutException">Something is stuck.</exception>
    public async Task<LoadResult> FinishAsync(bool restart = false, IEnumerable<string>? expected = null)
    {
        if (restart) process.Start(null);
        end.CancelAfter(patience);
        try
        {
            var finishing = FinishedAsync(expected ?? []);
            await Task.WhenAny(finishing, looking, process.EndedByItselfAsync()).Unwrap();
            await process.KillAsync();
            var recorded = await RecordedInstance.ReadAllAsync(container);
            return new(await finishing, purged, recorded, steering.Raised, process.Runs.Select(line => line.Split('\t'))
                .ToLookup(parts => (parts[0], parts[1]), parts => parts[2]));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            throw new TimeoutException($"Stuck: {string.Join("; ", board.Latest.Where(one => !one.IsFinished))}; waiting for answers to: "
                + string.Join(", ", steering.Waiting));
        }
    }

    private void BeginWave() => waves.Add(new Wave(waves.Count, steering, board, purged, process.OpenGate).RunAsync());

    private async Task<IReadOnlyCollection<Shown>> FinishedAsync(IEnumerable<string> expected)
    {
        await Task.WhenAll([.. waves, .. expected.Select(board.FinishedAsync)]);
        while (true)
        {
            await board.LookAsync();
            if (board.Latest.All(one => one.IsFinished)) return board.Latest;
            await Task.Delay(100, end.Token);
        }
    }

    public void Dispose()
    {
        end.Cancel();
        process.Dispose();
        http.Dispose();
    }
}
