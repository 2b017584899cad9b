using System.Diagnostics;
using Microsoft.Extensions.AI;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>An answer read as it is written is the answer.</summary>
public sealed class StreamingTests : IDisposable
{
    private readonly RandomCheckpoint _checkpoint = new();
    private readonly VideoLanguageModel _model;
    private readonly ChatMessage _message;

    public StreamingTests()
    {
        _model = VideoLanguageModel.Load(_checkpoint.Folder, "random");
        _message = new ChatMessage(ChatRole.User, [.. RandomCheckpoint.Frames(3).Select(frame => new FrameContent(frame)), new TextContent("What is shown?")]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_pieces_together_are_the_whole_answer_with_its_reason_and_usage(int seed)
    {
        IChatClient client = _model;
        var options = new ChatOptions { MaxOutputTokens = 60, Temperature = seed == 0 ? 0 : 1, Seed = seed };
        var whole = await client.GetResponseAsync([_message], options);
        var updates = await Updates(options);
        Assert.Equal(whole.Text, string.Concat(updates.Select(update => update.Text)));
        Assert.True(updates.Count > 5, $"{updates.Count} updates");
        Assert.Equal(whole.FinishReason, updates[^1].FinishReason);
        var streamed = updates.ToChatResponse();
        Assert.Equal((whole.Usage!.InputTokenCount, whole.Usage.OutputTokenCount), (streamed.Usage!.InputTokenCount, streamed.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task The_first_piece_comes_before_the_last_is_computed()
    {
        var options = await LongAnswerAsync();
        var clock = Stopwatch.StartNew();
        TimeSpan? first = null;
        await foreach (var _ in _model.GetStreamingResponseAsync([_message], options))
            first ??= clock.Elapsed;
        Assert.True(first < clock.Elapsed / 2, $"first after {first}, all after {clock.Elapsed}");
    }

    [Fact]
    public async Task A_reader_who_walks_away_ends_the_computation()
    {
        var options = await LongAnswerAsync();
        await foreach (var _ in _model.GetStreamingResponseAsync([_message], options))
            break;
        var clock = Stopwatch.StartNew();
        await Updates(new ChatOptions { MaxOutputTokens = 1 });
        var next = clock.Elapsed;
        clock.Restart();
        await Updates(options);
        Assert.True(next < clock.Elapsed / 2, $"the next reader waited {next}; the whole answer takes {clock.Elapsed}");
    }

    [Fact]
    public async Task A_bad_request_fails_the_reader()
    {
        var empty = new ChatMessage(ChatRole.User, [.. _message.Contents.Take(3)]);
        Assert.Contains("Question 0 is empty", (await Assert.ThrowsAsync<ArgumentException>(() => Read(empty))).Message);
        Assert.Contains("No frames", (await Assert.ThrowsAsync<ArgumentException>(() => Read(new ChatMessage(ChatRole.User, "What?")))).Message);

        async Task Read(ChatMessage message)
        {
            await foreach (var _ in _model.GetStreamingResponseAsync([message]))
            {
            }
        }
    }

    [Fact]
    public void A_character_of_several_tokens_comes_whole()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Tokenizer.Load(SmallTokenizer.WriteTo(folder.Path));
        var text = new TextStream(tokenizer);
        string[] pieces = [.. tokenizer.Encode("a€b").Select(text.Add)];
        Assert.Equal(["a", "", "", "€", "b"], pieces);
        Assert.Equal("", text.Add(tokenizer.Encode("€")[0]));
        Assert.Equal("\uFFFD", text.End());
    }

    public void Dispose()
    {
        _model.Dispose();
        _checkpoint.Dispose();
    }

    /// <summary>The dice that keep the random model talking: it ends by itself after a few hundred tokens at most.</summary>
    private async Task<ChatOptions> LongAnswerAsync()
    {
        var longest = (Tokens: 0L, Options: new ChatOptions());
        for (var seed = 0; longest.Tokens < 200; seed++)
        {
            var options = new ChatOptions { MaxOutputTokens = 1000, Temperature = 1, Seed = seed };
            var tokens = (await _model.GetResponseAsync([_message], options)).Usage!.OutputTokenCount!.Value;
            if (tokens > longest.Tokens)
                longest = (tokens, options);
        }
        return longest.Options;
    }

    private async Task<List<ChatResponseUpdate>> Updates(ChatOptions options)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _model.GetStreamingResponseAsync([_message], options))
            updates.Add(update);
        return updates;
    }
}
