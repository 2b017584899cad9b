using Microsoft.Extensions.AI;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class ChatBenchmarkJudgeTests
{
    [Fact]
    public async Task The_judge_is_asked_at_temperature_zero_with_both_messages()
    {
        var client = new OneReply("Yes.", ChatFinishReason.Stop);
        Assert.Equal("Yes.", await new ChatBenchmarkJudge(client, "judge-1").AskAsync(new JudgeRequest("system", "user"), CancellationToken.None));
        Assert.Equal([(ChatRole.System, "system"), (ChatRole.User, "user")], client.Messages.Select(message => (message.Role, message.Text)));
        Assert.Equal(0, client.Options!.Temperature);
    }

    [Fact]
    public async Task Words_that_were_cut_off_are_none() =>
        Assert.Null(await new ChatBenchmarkJudge(new OneReply("Yes, si", ChatFinishReason.Length), "judge-1").AskAsync(new JudgeRequest("system", "user"), CancellationToken.None));

    private sealed class OneReply(string text, ChatFinishReason end) : IChatClient
    {
        public List<ChatMessage> Messages { get; } = [];
        public ChatOptions? Options { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Messages.AddRange(messages);
            Options = options;
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = end });
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("A judge is not streamed.");

        public object? GetService(Type serviceType, object? serviceKey = null) => null;
        public void Dispose() { }
    }
}
