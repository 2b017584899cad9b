using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace FFMpegCore;

/// <summary>One complete ffmpeg command, ready to run.</summary>
public sealed class FFMpegArgumentProcessor
{
    private readonly Action _verify;
    private readonly IPipeSource? _source;
    private readonly IPipeSink? _sink;
    private readonly List<(CancellationToken Token, int Timeout)> _cancellations = [];
    private Action<string>? _onError;

    internal FFMpegArgumentProcessor(string arguments, Action verify, IPipeSource? source, IPipeSink? sink) =>
        (Arguments, _verify, _source, _sink) = (arguments, verify, source, sink);

    public string Arguments { get; }

    /// <summary>Every line of the program's error stream.</summary>
    public FFMpegArgumentProcessor NotifyOnError(Action<string> onError)
    {
        _onError += onError;
        return this;
    }

    /// <summary>Cancelling asks ffmpeg to end (`q`) and kills it after <paramref name="timeout"/> milliseconds.</summary>
    public FFMpegArgumentProcessor CancellableThrough(CancellationToken token, int timeout = 0)
    {
        _cancellations.Add((token, timeout));
        return this;
    }

    /// <summary>Runs the command. False: it failed and throwOnError is off.</summary>
    /// <exception cref="FFMpegException">It failed; the program's own words are in FFMpegErrorOutput.</exception>
    /// <exception cref="OperationCanceledException">A token given to CancellableThrough was cancelled.</exception>
    public async Task<bool> ProcessAsynchronously(bool throwOnError = true, FFOptions? ffMpegOptions = null)
    {
        _verify();
        var run = new ProgramRun((ffMpegOptions ?? new FFOptions()).Program("ffmpeg"), Arguments, ffMpegOptions?.WorkingDirectory ?? "")
        {
            WriteInput = _source is null ? null : _source.WriteAsync,
            ReadOutput = _sink is null ? null : _sink.ReadAsync,
            OnError = _onError,
            QuitKey = _source is null ? "q" : null,
        };
        var (exitCode, errors) = await run.RunAsync(_cancellations);
        foreach (var (token, _) in _cancellations)
            token.ThrowIfCancellationRequested();
        if (exitCode == 0)
            return true;
        if (!throwOnError)
            return false;
        throw new FFMpegException(FFMpegExceptionType.Process, $"ffmpeg exited with non-zero exit-code ({exitCode} - {errors})", null, errors);
    }
}
