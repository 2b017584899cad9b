using System.Text.Json.Nodes;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Models.Remote;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>A remote model as captioner and policy: its frames go with every question, answers come in the order of what was asked.</summary>
public sealed class ChatVideoModelTests
{
    private static readonly RgbFrame[] Frames = [.. Enumerable.Range(0, 6).Select(i => new RgbFrame(2, 2, [.. Enumerable.Repeat((byte)(40 * i), 12)], i, i))];

    /// <summary>Says how many pictures it saw and what it was asked; the later it was asked, the sooner.</summary>
    private static Reply Echo(string finish = "stop") => async context =>
    {
        var parts = ((JsonNode)context.Items[ChatServer.Body]!)["messages"]![0]!["content"]!.AsArray();
        var question = (string)parts[^1]!["text"]!;
        await Task.Delay(question.EndsWith('0') ? 60 : 5);
        await Replies.Text($" {parts.Count - 1}: {question} ", finish: finish)(context);
    };

    [Fact]
    public Task Every_question_goes_with_all_frames_and_comes_back_in_order() => With(Echo(), async (server, model) =>
    {
        string[] questions = [.. Enumerable.Range(0, 9).Select(i => $"question {i}")];
        var answers = await model.AnswerAsync(Frames, questions, 99, CancellationToken.None);
        Assert.Equal(questions.Select(question => $"6: {question}"), answers.Select(answer => answer.Text));
        Assert.All(answers, answer => Assert.Equal((7, 3, false), (answer.PromptTokens, answer.GeneratedTokens, answer.Truncated)));
        Assert.All(server.Received, received => Assert.Equal((99, 0f), ((int)received.Body["max_completion_tokens"]!, (float)received.Body["temperature"]!)));
        var pictures = server.Received[0].Body["messages"]![0]!["content"]!.AsArray().Take(6).Select(part => (string)part!["image_url"]!["url"]!).ToList();
        Assert.Equal(6, pictures.Distinct().Count());
        Assert.All(server.Received[0].Body["messages"]![0]!["content"]!.AsArray().Take(6), part => Assert.Equal("low", (string)part!["image_url"]!["detail"]!));
    });

    [Fact]
    public Task A_caption_is_asked_of_its_frame_alone() => With(Echo(), async (server, model) =>
    {
        var answers = await model.AnswerEachFrameAsync(Frames, "what?", 48, CancellationToken.None);
        Assert.Equal(Enumerable.Repeat("1: what?", 6), answers.Select(answer => answer.Text));
        Assert.Equal(6, server.Received.Select(received => (string)received.Body["messages"]![0]!["content"]![0]!["image_url"]!["url"]!).Distinct().Count());
    });

    [Theory]
    [InlineData("length")]
    [InlineData("content_filter")]
    public Task An_answer_that_did_not_end_by_itself_counts_as_truncated(string finish) => With(Echo(finish), async (_, model) =>
        Assert.True((await model.AnswerAsync(Frames, ["what?"], 5, CancellationToken.None))[0].Truncated));

    [Fact]
    public Task Its_lineage_names_model_service_and_pixels() => With(Echo(), (server, model) =>
    {
        Assert.Equal(("tiny-vlm", $"remote:{new Uri(server.Settings.Endpoint).Authority}", "ffmpeg-fit-512-v1"), (model.ModelId, model.Revision, model.Preprocess));
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData(1920, 1080, 512, 288)]
    [InlineData(1080, 1920, 288, 512)]
    [InlineData(160, 120, 160, 120)]
    [InlineData(100_000, 10, 512, 1)]
    public Task Frames_keep_their_aspect_and_are_never_enlarged(int width, int height, int sentWidth, int sentHeight) => With(Echo(), (_, model) =>
    {
        Assert.Equal((sentWidth, sentHeight), model.SizeOf(width, height));
        return Task.CompletedTask;
    });

    [Fact]
    public Task Without_frames_or_question_nothing_is_sent() => With(Echo(), async (server, model) =>
    {
        await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync([], ["what?"], 5, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync(Frames, [" "], 5, CancellationToken.None));
        Assert.Empty(await model.AnswerEachFrameAsync([], "what?", 5, CancellationToken.None));
        Assert.Empty(server.Received);
    });

    private static async Task With(Reply reply, Func<ChatServer, ChatVideoModel, Task> check)
    {
        await using var server = await ChatServer.StartAsync(reply);
        using var model = RemoteModel.Connect(server.Settings with { ImageDetail = "low" }, "Test");
        await check(server, new ChatVideoModel(model, new FrameExtractor(new TpoSettings()), imageSide: 512));
    }
}
