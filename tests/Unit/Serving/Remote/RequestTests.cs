using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Tpo.GpuJob.Verify;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Models.Remote;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>What a remote model is asked, as its server sees it.</summary>
public sealed class RequestTests
{
    private static readonly RgbFrame Red = new(2, 1, [255, 0, 0, 200, 10, 20], 0, 0);
    private static readonly RgbFrame Blue = new(1, 2, [0, 0, 255, 1, 2, 3], 5, 0.5);

    [Fact]
    public async Task A_question_arrives_with_its_frames_as_pictures_in_their_places()
    {
        await using var server = await ChatServer.StartAsync(Replies.Text("a red thing"));
        using var model = RemoteModel.Connect(server.Settings with { ImageDetail = "low" }, "Test");
        var question = new ChatMessage(
            ChatRole.User, [new TextContent("Before:"), new FrameContent(Red), new TextContent("After:"), new FrameContent(Blue), new TextContent("What changed?")]);
        var options = new ChatOptions { MaxOutputTokens = 48, Temperature = 0, Seed = 7 };
        var response = await model.GetResponseAsync([new ChatMessage(ChatRole.System, "You see two frames."), question], options);
        Assert.Equal("a red thing", response.Text);
        Assert.Equal((7, 3), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));

        var received = Assert.Single(server.Received);
        Assert.Equal("/v1/chat/completions", received.Path);
        Assert.Equal("tiny-vlm", (string?)received.Body["model"]);
        Assert.Equal((48, 0f, 7), ((int)received.Body["max_completion_tokens"]!, (float)received.Body["temperature"]!, (int)received.Body["seed"]!));
        Assert.Equal(["system", "user"], received.Body["messages"]!.AsArray().Select(message => (string)message!["role"]!));
        var parts = received.Body["messages"]![1]!["content"]!.AsArray();
        Assert.Equal(["text", "image_url", "text", "image_url", "text"], parts.Select(part => (string)part!["type"]!));
        Assert.Equal(["Before:", "After:", "What changed?"], new[] { 0, 2, 4 }.Select(i => (string)parts[i]!["text"]!));
        AssertPicture(Red, parts[1]!);
        AssertPicture(Blue, parts[3]!);
        Assert.All(new[] { 1, 3 }, i => Assert.Equal("low", (string)parts[i]!["image_url"]!["detail"]!));
        Assert.Equal(2, question.Contents.OfType<FrameContent>().Count());
    }

    [Fact]
    public async Task A_streamed_question_asks_for_the_token_counts_too()
    {
        await using var server = await ChatServer.StartAsync(Replies.Stream("a"));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        await foreach (var _ in model.GetStreamingResponseAsync([Ask("?")]))
        {
        }
        var body = server.Received[0].Body;
        Assert.True((bool)body["stream"]!);
        Assert.True((bool)body["stream_options"]!["include_usage"]!);
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + ChatServer.Key)]
    [InlineData("api-key", ChatServer.Key)]
    public async Task The_key_goes_in_its_header_and_nowhere_else(string header, string value)
    {
        await using var server = await ChatServer.StartAsync(Replies.Text("yes"));
        using var model = RemoteModel.Connect(server.Settings with { KeyHeader = header }, "Test");
        await model.GetResponseAsync([Ask("?")]);
        var received = server.Received[0];
        Assert.Equal(value, received.Headers[header]);
        Assert.Equal([header], received.Headers.Where(pair => pair.Value.Contains(ChatServer.Key)).Select(pair => pair.Key));
        Assert.DoesNotContain(ChatServer.Key, received.Body.ToJsonString());
    }

    [Fact]
    public async Task Without_a_key_nobody_signs_in()
    {
        await using var server = await ChatServer.StartAsync(Replies.Text("yes"));
        using var model = RemoteModel.Connect(server.Settings with { Key = "" }, "Test");
        await model.GetResponseAsync([Ask("?")]);
        Assert.False(server.Received[0].Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task With_Entra_the_apps_identity_is_asked_for_a_token_of_the_models_scope()
    {
        var identity = new Identity();
        var settings = new RemoteModelSettings { Endpoint = "https://127.0.0.1:1/openai/v1/", Model = "deployment", EntraId = true, MaxAttempts = 1 };
        using var model = RemoteModel.Connect(settings, "Test", identity);
        var failure = await Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([Ask("?")]));
        Assert.Equal(RemoteFailure.Connection, failure.Kind);
        Assert.Equal(["https://ai.azure.com/.default"], identity.Scopes);
        Assert.DoesNotContain(Identity.Token, failure.ToString());
        Assert.Throws<InvalidOperationException>(() => RemoteModel.Connect(settings, "Test"));
    }

    [Fact]
    public async Task A_model_that_takes_no_temperature_is_sent_none()
    {
        await using var server = await ChatServer.StartAsync(Replies.Text("yes"));
        using var model = RemoteModel.Connect(server.Settings with { SendsTemperature = false }, "Test");
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 5 };
        await model.GetResponseAsync([Ask("?")], options);
        Assert.Null(server.Received[0].Body["temperature"]);
        Assert.Equal(5, (int)server.Received[0].Body["max_completion_tokens"]!);
        Assert.Equal(0, options.Temperature);
    }

    [Fact]
    public async Task A_content_that_would_be_lost_on_the_way_is_refused()
    {
        using var model = RemoteModel.Connect(new RemoteModelSettings { Endpoint = "http://127.0.0.1:1", Model = "m" }, "Test");
        var message = new ChatMessage(ChatRole.User, [new TextContent("Listen."), new DataContent(new byte[] { 1 }, "audio/wav")]);
        Assert.Contains("DataContent", (await Assert.ThrowsAsync<NotSupportedException>(() => model.GetResponseAsync([message]))).Message);
    }

    [Fact]
    public void It_names_its_model_as_every_chat_client_does()
    {
        using var model = RemoteModel.Connect(new RemoteModelSettings { Endpoint = "http://127.0.0.1:1/v1", Model = "m" }, "Test");
        var metadata = (ChatClientMetadata)model.GetService(typeof(ChatClientMetadata))!;
        Assert.Equal(("m", "http://127.0.0.1:1/v1"), (metadata.DefaultModelId, metadata.ProviderUri!.ToString().TrimEnd('/')));
    }

    internal static ChatMessage Ask(string text) => new(ChatRole.User, text);

    private static void AssertPicture(RgbFrame frame, JsonNode part)
    {
        const string start = "data:image/png;base64,";
        var uri = (string)part["image_url"]!["url"]!;
        Assert.StartsWith(start, uri);
        var file = Path.GetTempFileName();
        File.WriteAllBytes(file, Convert.FromBase64String(uri[start.Length..]));
        var picture = PngPicture.Read(file);
        File.Delete(file);
        Assert.Equal((frame.Width, frame.Height), (picture.Width, picture.Height));
        Assert.Equal(frame.Rgb, picture.Rgb);
    }

    private sealed class Identity : AuthenticationTokenProvider
    {
        public const string Token = "eyJ-secret-token";
        public List<string> Scopes { get; } = [];

        public override GetTokenOptions? CreateTokenOptions(IReadOnlyDictionary<string, object> properties) => new(properties);

        public override AuthenticationToken GetToken(GetTokenOptions options, CancellationToken cancellationToken)
        {
            Scopes.AddRange(((ReadOnlyMemory<string>)options.Properties[GetTokenOptions.ScopesPropertyName]).ToArray());
            return new AuthenticationToken(Token, "Bearer", DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AuthenticationToken> GetTokenAsync(GetTokenOptions options, CancellationToken cancellationToken) => new(GetToken(options, cancellationToken));
    }
}
