using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using FFMpegCore.Exceptions;

namespace FFMpegCore;

/// <summary>One run of ffmpeg or ffprobe: its three streams served at the same time, so that none can block another.</summary>
internal sealed class ProgramRun(string program, string arguments, string workingDirectory)
{
    public Func<Stream, CancellationToken, Task>? WriteInput { get; init; }
    public Func<Stream, CancellationToken, Task>? ReadOutput { get; init; }
    public Action<string>? OnError { get; init; }
    /// <summary>What to type to ask the program to end; null where its standard input carries data or nothing.</summary>
    public string? QuitKey { get; init; }

    public async Task<(int ExitCode, string Errors)> RunAsync(IReadOnlyList<(CancellationToken Token, int Timeout)> cancellations)
    {
        foreach (var (token, _) in cancellations)
            token.ThrowIfCancellationRequested();
        using var process = Start();
        using var stopped = new CancellationTokenSource();
        var registrations = cancellations.Select(c => c.Token.Register(() => _ = StopAsync(process, c.Timeout, stopped))).ToList();
        try
        {
            var errors = ReadErrorsAsync(process.StandardError);
            var output = ReadOutput is null
                ? process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, stopped.Token)
                : KillOnFailure(process, ReadOutput(process.StandardOutput.BaseStream, stopped.Token));
            var input = WriteInput is null ? Task.CompletedTask : WriteInputAsync(process, stopped.Token);
            try
            {
                await output;
                await input;
            }
            catch (Exception) when (stopped.IsCancellationRequested)
            {
                // The pipes broke because the run was cancelled: the caller says so.
            }
            await process.WaitForExitAsync(CancellationToken.None);
            return (process.ExitCode, await errors);
        }
        finally
        {
            foreach (var registration in registrations)
                await registration.DisposeAsync();
            Kill(process);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FFMpegException(FFMpegExceptionType.Operation, $"{Path.GetFileName(program)} was not found on your system ('{program}').", e);
        }
    }

    private async Task<string> ReadErrorsAsync(StreamReader reader)
    {
        var lines = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            OnError?.Invoke(line);
            lines.AppendLine(line);
        }
        return lines.ToString().TrimEnd();
    }

    private async Task WriteInputAsync(Process process, CancellationToken cancellation)
    {
        try
        {
            await WriteInput!(process.StandardInput.BaseStream, cancellation);
            process.StandardInput.Close();
        }
        catch (IOException) when (process.HasExited || !process.StandardInput.BaseStream.CanWrite)
        {
            // A program may end before it has read everything; its exit code says whether that was right.
        }
    }

    private static async Task KillOnFailure(Process process, Task reading)
    {
        try
        {
            await reading;
            await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        }
        catch
        {
            Kill(process);
            throw;
        }
    }

    private async Task StopAsync(Process process, int timeout, CancellationTokenSource stopped)
    {
        try
        {
            if (timeout > 0 && QuitKey is not null)
            {
                await process.StandardInput.WriteAsync(QuitKey);
                await process.StandardInput.FlushAsync();
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMilliseconds(timeout));
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidOperationException)
        {
            // It did not end when asked: it is killed below.
        }
        Kill(process);
        try
        {
            await stopped.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The run was over already.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
