using Azure.Core;
using Azure.Core.Pipeline;

namespace Tpo.Tests.Conformance.Durable;

/// <summary>
/// Lets a part of all writes fail behind the client library's own retries: half of them before the store has seen the request, half after it
/// did as it was told and only the answer was lost.
/// </summary>
public sealed class StoreFailures : HttpPipelinePolicy
{
    private readonly Random random = new(7);
    private int left;

    public int Happened { get; private set; }

    /// <summary>From now on one write of <paramref name="oneOf"/> fails, so many in all.</summary>
    public void Begin(int count, int oneOf) => (left, OneOf) = (count, oneOf);

    private int OneOf { get; set; } = 1;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var fails = message.Request.Method != RequestMethod.Get && !message.Request.Uri.Query.Contains("comp=lease") && Fails();
        if (fails && random.Next(2) == 0) throw new IOException("The connection was refused.");
        await ProcessNextAsync(message, pipeline);
        if (fails) throw new IOException("The answer was lost.");
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    private bool Fails()
    {
        if (left == 0 || random.Next(OneOf) != 0) return false;
        left--;
        Happened++;
        return true;
    }
}
