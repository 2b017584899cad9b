using System.Runtime.InteropServices;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Tpo.Tests.EngineLoad.Faults;

/// <summary>
/// Sits where storage requests leave the process, and kills it (SIGKILL: no handler, nothing flushed) at one chosen point. What it did is in
/// a file before that.
/// </summary>
public sealed partial class FaultPolicy(FaultPoint point, string reportFile) : HttpPipelinePolicy
{
    private int seen;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (Arm(message) is not { } armed)
        {
            await ProcessNextAsync(message, pipeline);
            return;
        }
        armed();
        await ProcessNextAsync(message, pipeline);
        Die();
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var armed = Arm(message);
        armed?.Invoke();
        ProcessNext(message, pipeline);
        if (armed is not null) Die();
    }

    /// <summary>Null if this request is to be left alone.</summary>
    private Action? Arm(HttpMessage message)
    {
        if (!RequestKinds.Of(message.Request).Contains(point.Kind) || Interlocked.Increment(ref seen) != point.Nth) return null;
        return point.Moment switch
        {
            Moment.Before => Die,
            Moment.Within => () => message.Request.Content = new CutContent(message.Request.Content, Die),
            _ => () => { },
        };
    }

    private void Die()
    {
        File.WriteAllText(reportFile, point.ToString());
        _ = Kill(Environment.ProcessId, 9);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    /// <summary>Announces the whole body, sends half of it, and then the end comes.</summary>
    private sealed class CutContent(RequestContent? whole, Action end) : RequestContent
    {
        public override async Task WriteToAsync(Stream stream, CancellationToken cancellation)
        {
            var body = new MemoryStream();
            if (whole is not null) await whole.WriteToAsync(body, cancellation);
            await stream.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length / 2), cancellation);
            await stream.FlushAsync(cancellation);
            await Task.Delay(2, cancellation); // so that it has left this machine's buffers
            end();
        }

        public override void WriteTo(Stream stream, CancellationToken cancellation) =>
            WriteToAsync(stream, cancellation).GetAwaiter().GetResult();

        public override bool TryComputeLength(out long length)
        {
            length = 0;
            return whole is null || whole.TryComputeLength(out length);
        }

        public override void Dispose() => whole?.Dispose();
    }
}
