using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Tpo.Shared.Models.Remote;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>What becomes of the answers that a server gives, whole and half ones.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData("stop")]
    [InlineData("length")]
    [InlineData("content_filter")]
    public async Task An_answer_says_why_it_ended(string reason)
    {
        await using var server = await ChatServer.StartAsync(Replies.Text("red", finish: reason), Replies.Events([Replies.Piece("red"), Replies.Finish(reason), "[DONE]"]));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        var answer = await model.GetResponseAsync([RequestTests.Ask("?")]);
        Assert.Equal(("red", reason), (answer.Text, answer.FinishReason!.Value.Value));
        var streamed = await model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync();
        Assert.Equal(("red", reason), (streamed.Text, streamed.FinishReason!.Value.Value));
    }

    [Fact]
    public async Task Fields_that_nobody_knows_are_passed_over()
    {
        var body = Replies.Completion("red", "stop", null);
        body["system_fingerprint"] = "fp_1";
        body["prompt_logprobs"] = null;
        body["kv_transfer_params"] = new JsonObject { ["a"] = new JsonArray(1, 2) };
        body["choices"]![0]!["stop_reason"] = 151645;
        body["choices"]![0]!["message"]!["reasoning_content"] = "It looks red.";
        body["choices"]![0]!["message"]!["tool_calls"] = new JsonArray();
        await using var server = await ChatServer.StartAsync(Replies.Json(body));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
    }

    [Fact]
    public async Task A_stream_comes_piece_by_piece_with_its_tokens_at_the_end()
    {
        await using var server = await ChatServer.StartAsync(Replies.Stream("a ", "red ", "star"));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in model.GetStreamingResponseAsync([RequestTests.Ask("?")]))
            updates.Add(update);
        Assert.Equal(["a ", "red ", "star"], updates.Select(update => update.Text).Where(text => text.Length > 0));
        var whole = updates.ToChatResponse();
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.Equal((7, 3), (whole.Usage!.InputTokenCount, whole.Usage.OutputTokenCount));
        Assert.Equal((7, 3, 1), (model.Usage.PromptTokens, model.Usage.CompletionTokens, model.Usage.Answers));
    }

    [Fact]
    public async Task A_streams_first_piece_comes_before_its_last_is_written()
    {
        var read = new TaskCompletionSource();
        await using var server = await ChatServer.StartAsync(async context =>
        {
            await Replies.Events([Replies.Piece("first ")])(context);
            await read.Task;
            await Replies.Events([Replies.Piece("last"), Replies.Finish("stop"), "[DONE]"])(context);
        });
        using var model = RemoteModel.Connect(server.Settings, "Test");
        var text = "";
        await foreach (var update in model.GetStreamingResponseAsync([RequestTests.Ask("?")]))
        {
            text += update.Text;
            read.TrySetResult();
        }
        Assert.Equal("first last", text);
    }

    public static TheoryData<string> Broken =>
    [
        "no JSON", "half JSON", "HTML", "no choices", "choices missing", "null choices", "wrong types",
        "no finish_reason", "null finish_reason", "no message", "empty body", "hang-up",
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_answer_is_asked_for_again(string how)
    {
        await using var server = await ChatServer.StartAsync(BrokenReply(how), Replies.Text("red"));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
        var kind = how == "hang-up" ? RemoteFailure.Connection : RemoteFailure.Malformed;
        Assert.Equal([(kind, 1L)], model.Usage.Failures.Select(pair => (pair.Key, pair.Value)));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task An_answer_that_stays_broken_becomes_a_sentence(string how)
    {
        await using var server = await ChatServer.StartAsync(BrokenReply(how));
        using var model = RemoteModel.Connect(server.Settings with { MaxAttempts = 2 }, "Test");
        var failure = await Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([RequestTests.Ask("?")]));
        Assert.StartsWith($"The model 'tiny-vlm' at {server.Settings.Endpoint} ", failure.Message);
        Assert.EndsWith("(2 attempts.)", failure.Message);
        Assert.Equal(2, server.Received.Count);
    }

    public static TheoryData<string> HalfStreams => ["polite end", "abort", "broken event", "error event"];

    [Theory]
    [MemberData(nameof(HalfStreams))]
    public async Task A_stream_that_fails_before_its_first_text_is_asked_for_again(string how)
    {
        await using var server = await ChatServer.StartAsync(HalfStream(how, Replies.Role()), Replies.Stream("red"));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.Equal("red", (await model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync()).Text);
        Assert.Equal((2, 1, 1), (model.Usage.Attempts, model.Usage.Retries, model.Usage.Answers));
    }

    [Theory]
    [MemberData(nameof(HalfStreams))]
    public async Task A_stream_that_fails_after_its_first_text_is_no_answer(string how)
    {
        await using var server = await ChatServer.StartAsync(HalfStream(how, Replies.Role(), Replies.Piece("a re")), Replies.Stream("red"));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        var text = "";
        var failure = await Assert.ThrowsAsync<RemoteModelException>(async () =>
        {
            await foreach (var update in model.GetStreamingResponseAsync([RequestTests.Ask("?")]))
                text += update.Text;
        });
        Assert.Equal("a re", text);
        Assert.Contains("what was passed on is no answer", failure.Message);
        Assert.Single(server.Received);
        Assert.Equal(0, model.Usage.Answers);
    }

    [Theory]
    [InlineData("null", RemoteFailure.ServiceError, 3)]
    [InlineData("503", RemoteFailure.ServiceError, 3)]
    [InlineData("400", RemoteFailure.Refused, 1)]
    public async Task An_error_inside_a_stream_is_told_in_the_services_words(string code, RemoteFailure kind, int attempts)
    {
        var error = $$$"""{"error":{"object":"error","message":"The engine is dead.","type":"EngineError","param":null,"code":{{{code}}}}}""";
        await using var server = await ChatServer.StartAsync(Replies.Events([Replies.Role(), error, "[DONE]"]));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        var failure = await Assert.ThrowsAsync<RemoteModelException>(() => model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync());
        Assert.Equal(kind, failure.Kind);
        Assert.Contains("The engine is dead.", failure.Message);
        Assert.Equal(attempts, server.Received.Count);
    }

    [Fact]
    public async Task A_stream_whose_text_is_whole_counts_though_its_last_line_is_missing()
    {
        await using var server = await ChatServer.StartAsync(Replies.Events([Replies.Piece("red"), Replies.Finish("stop")]));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.Equal("red", (await model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync()).Text);
        Assert.Equal((1, 1), (model.Usage.Answers, model.Usage.WithoutUsage));
    }

    private static Reply HalfStream(string how, params string[] events) => how switch
    {
        "polite end" => Replies.Events(events),
        "abort" => Replies.Events(events, abort: true),
        "broken event" => Replies.Events([.. events, """{"id":"chatcmpl-1","choices":[{"delta":"""]),
        _ => Replies.Events([.. events, Replies.Error("CUDA out of memory", type: "InternalServerError"), "[DONE]"]),
    };

    private static Reply BrokenReply(string how) => how switch
    {
        "no JSON" => Replies.Raw("upstream is warming up"),
        "half JSON" => Replies.Raw(Replies.Completion("red", "stop", null).ToJsonString()[..60]),
        "HTML" => Replies.Raw("<html><body>502</body></html>", "text/html"),
        "no choices" => Changed(body => body["choices"] = new JsonArray()),
        "choices missing" => Changed(body => body.AsObject().Remove("choices")),
        "null choices" => Changed(body => body["choices"] = null),
        "wrong types" => Changed(body => body["choices"] = "red"),
        "no finish_reason" => Changed(body => body["choices"]![0]!.AsObject().Remove("finish_reason")),
        "null finish_reason" => Changed(body => body["choices"]![0]!["finish_reason"] = null),
        "no message" => Changed(body => body["choices"]![0]!.AsObject().Remove("message")),
        "empty body" => Replies.Raw(""),
        _ => Replies.HangUpInTheMiddle(),
    };

    private static Reply Changed(Action<JsonNode> change)
    {
        var body = Replies.Completion("red", "stop", null);
        change(body);
        return Replies.Json(body);
    }
}
