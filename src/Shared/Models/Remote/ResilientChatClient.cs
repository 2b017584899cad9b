using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Tpo.Shared.Models.Remote;

/// <summary>Lets every request of a chat client go through <see cref="RemoteCalls"/>, and takes no half answer for a whole one.</summary>
internal sealed class ResilientChatClient(IChatClient endpoint, RemoteCalls calls) : DelegatingChatClient(endpoint)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatMessage[] asked = [.. messages];
        return calls.AskAsync(async stop =>
        {
            var response = await InnerClient.GetResponseAsync(asked, options, stop);
            return (response, response.Usage);
        }, repeatable: () => true, cancellationToken);
    }

    /// <summary>Updates as they come. Until the first text has gone to the caller a failed stream is asked for again; afterwards it ends in an exception.</summary>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] asked = [.. messages];
        // The attempt runs beside its reader, so that turn, time limit and breaker hold for the whole stream and no slow reader uses up its time.
        var updates = Channel.CreateUnbounded<ChatResponseUpdate>(new UnboundedChannelOptions { SingleReader = true });
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stream = StreamAsync(asked, options, updates.Writer, abandoned.Token);
        try
        {
            await foreach (var update in updates.Reader.ReadAllAsync(cancellationToken))
                yield return update;
        }
        finally
        {
            await abandoned.CancelAsync();
            await stream;
        }
    }

    private async Task StreamAsync(ChatMessage[] asked, ChatOptions? options, ChannelWriter<ChatResponseUpdate> updates, CancellationToken cancellation)
    {
        var passedOn = false;
        try
        {
            await calls.AskAsync(AttemptAsync, () => !passedOn, cancellation);
            updates.Complete();
        }
        catch (Exception failure)
        {
            updates.Complete(failure);
        }

        async Task<(bool, UsageDetails?)> AttemptAsync(CancellationToken stop)
        {
            var held = new List<ChatResponseUpdate>();
            ChatFinishReason? finish = null;
            UsageDetails? usage = null;
            await foreach (var update in InnerClient.GetStreamingResponseAsync(asked, options, stop))
            {
                finish ??= update.FinishReason;
                usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
                if (StreamedError.Of(update) is { } error)
                    throw calls.Faults.OfStatus(error.Status, error.Said, wait: null);
                held.Add(update);
                if (update.Text.Length == 0)
                    continue;
                passedOn = true;
                PassOn(held);
            }
            // A connection may be closed politely in the middle; only finish_reason says that the text has ended.
            if (finish is null)
                throw calls.Faults.Truncated();
            passedOn = true;
            PassOn(held);
            return (true, usage);
        }

        void PassOn(List<ChatResponseUpdate> held)
        {
            foreach (var update in held)
                updates.TryWrite(update);
            held.Clear();
        }
    }
}
