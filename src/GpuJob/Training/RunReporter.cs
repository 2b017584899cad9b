using System.Text;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.GpuJob.Training;

/// <summary>
/// What the outside sees of a run: `progress.json`, rewritten every two seconds from the first moment on (loading included), the metrics,
/// one line a step, and the log. Writing goes on in the background while the job computes.
/// </summary>
public sealed class RunReporter(TpoStorage storage, string runId) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly StringBuilder _unwrittenLog = new();
    private readonly List<TrainingMetrics> _metrics = [];
    private TrainingProgress _progress = new(JobPhase.Starting, 0, 0, null, DateTimeOffset.UtcNow);
    private Task _beating = Task.CompletedTask;

    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private volatile bool _silent;

    public IReadOnlyList<TrainingMetrics> Metrics => _metrics;

    public void Start() => _beating = BeatAsync();

    /// <summary>From now on nothing is written: the run may be another process's.</summary>
    public void FallSilent() => _silent = true;

    /// <summary>Takes up the rows of an earlier start of this run up to the step that is done next; later ones are computed again.</summary>
    public async Task ResumeMetricsAsync(int nextStep, CancellationToken cancellation)
    {
        var rows = await storage.ReadJsonLinesAsync<TrainingMetrics>(Containers.Training, TrainingBlobs.Metrics(runId), cancellation);
        _metrics.Clear();
        _metrics.AddRange(rows.Where(row => row.Step < nextStep));
        if (_metrics.Count != nextStep || _metrics.Where((row, index) => row.Step != index).Any())
            throw new InvalidDataException(
                $"The checkpoint of run '{runId}' continues at step {nextStep}, but '{TrainingBlobs.Metrics(runId)}' does not hold the steps before it. "
                + $"Delete '{TrainingBlobs.Checkpoint(runId, "")}' to start the run from the beginning.");
        await WriteMetricsAsync(cancellation);
    }

    public async Task AddMetricsAsync(TrainingMetrics row, CancellationToken cancellation)
    {
        _metrics.Add(row);
        await WriteMetricsAsync(cancellation);
    }

    /// <summary>The curve so far as TensorBoard reads it.</summary>
    public Task WriteEventsAsync(CancellationToken cancellation) => storage.WriteBytesAsync(
        Containers.Training, TrainingBlobs.Events(runId), TensorBoardEvents.Of(_metrics, _started), "application/octet-stream", cancellation);

    public void Log(string line)
    {
        Console.WriteLine(line);
        lock (_unwrittenLog)
            _unwrittenLog.Append(DateTimeOffset.UtcNow.ToString("u")).Append(' ').Append(line).Append('\n');
    }

    /// <summary>Sets what the next beat says.</summary>
    public void Say(JobPhase phase, int step, int steps, double? loss = null, string? message = null) =>
        _progress = new TrainingProgress(phase, step, steps, loss, DateTimeOffset.UtcNow, message);

    /// <summary>Sets it and writes it at once; for a run's last word.</summary>
    public async Task SayNowAsync(JobPhase phase, string? message = null)
    {
        _progress = _progress with { Phase = phase, Message = message };
        if (message is not null)
            Log(message);
        await WriteAsync();
    }

    private async Task BeatAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await WriteAsync();
            }
            catch (Exception e) when (e is Azure.RequestFailedException or AggregateException or IOException or OperationCanceledException)
            {
                Console.Error.WriteLine($"The beat could not be written and is tried again: {e.Message}");
            }
            await Task.WhenAny(Task.Delay(Interval, _ended.Token));
        }
    }

    private async Task WriteAsync()
    {
        await _writing.WaitAsync();
        try
        {
            if (_silent)
                return;
            await storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Progress(runId), _progress with { Beat = DateTimeOffset.UtcNow });
            await AppendLogAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task AppendLogAsync()
    {
        string text;
        lock (_unwrittenLog)
            (text, _) = (_unwrittenLog.ToString(), _unwrittenLog.Clear());
        if (text.Length == 0)
            return;
        var blob = storage.Container(Containers.Training).GetAppendBlobClient(TrainingBlobs.Log(runId));
        await blob.CreateIfNotExistsAsync(new AppendBlobCreateOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "text/plain; charset=utf-8" } });
        using var block = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await blob.AppendBlockAsync(block);
    }

    private Task WriteMetricsAsync(CancellationToken cancellation) =>
        storage.WriteJsonLinesAsync(Containers.Training, TrainingBlobs.Metrics(runId), _metrics, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _beating;
        _ended.Dispose();
        _writing.Dispose();
    }
}
