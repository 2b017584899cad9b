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

    // A reader on a busy machine may be late, so each of these two has several tries; one that was wrong would fail always.

    [Fact]
    public async Task The_first_piece_comes_before_the_last_is_computed()
    {
        var (options, tokens) = await LongAnswerAsync();
        Assert.Contains(await Tries(async () =>
        {
            long? atFirstPiece = null;
            var before = _model.Counters.TokensWritten;
            await foreach (var _ in _model.GetStreamingResponseAsync([_message], options))
                atFirstPiece ??= _model.Counters.TokensWritten - before;
            return atFirstPiece < tokens / 2;
        }), early => early);
    }

    [Fact]
    public async Task A_reader_who_walks_away_ends_the_computation()
    {
        var (options, tokens) = await LongAnswerAsync();
        Assert.Contains(await Tries(async () =>
        {
            var before = _model.Counters.TokensWritten;
            await foreach (var _ in _model.GetStreamingResponseAsync([_message], options))
                break;
            // The turn is free again only when the abandoned answer has ended.
            await _model.GetResponseAsync([_message], new ChatOptions { MaxOutputTokens = 1 });
            return _model.Counters.TokensWritten - before < tokens / 2;
        }), early => early);
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

    private static async Task<IReadOnlyList<bool>> Tries(Func<Task<bool>> attempt)
    {
        var outcomes = new List<bool>();
        while (outcomes.Count < 20 && !outcomes.Contains(true))
        {
            // Tests that run beside may hold all threads of the pool; half a second brings a new one.
            if (outcomes.Count > 0)
                await Task.Delay(TimeSpan.FromSeconds(0.5));
            outcomes.Add(await attempt());
        }
        return outcomes;
    }

    /// <summary>The dice that keep the random model talking: it ends by itself after a few hundred tokens at most.</summary>
    private async Task<(ChatOptions Options, long Tokens)> LongAnswerAsync()
    {
        for (var seed = 0; ; seed++)
        {
            var options = new ChatOptions { MaxOutputTokens = 1000, Temperature = 1, Seed = seed };
            var tokens = (await _model.GetResponseAsync([_message], options)).Usage!.OutputTokenCount!.Value;
            if (tokens > 400)
                return (options, tokens);
        }
    }

    private async Task<List<ChatResponseUpdate>> Updates(ChatOptions options)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _model.GetStreamingResponseAsync([_message], options))
            updates.Add(update);
        return updates;
    }
}
