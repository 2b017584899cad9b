using Microsoft.Extensions.AI;
using Tpo.Shared.Models.Remote;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>What a service will not do, it is asked once; the sentence says what it said, and the key is in none of it.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(401, RemoteFailure.Unauthorized, "401 Unauthorized", "Check the key")]
    [InlineData(403, RemoteFailure.Unauthorized, "403 Forbidden", "Check the key")]
    [InlineData(404, RemoteFailure.NotFound, "404 NotFound", "model's name")]
    [InlineData(400, RemoteFailure.Refused, "400 BadRequest", "")]
    [InlineData(413, RemoteFailure.Refused, "413 RequestEntityTooLarge", "")]
    [InlineData(422, RemoteFailure.Refused, "422 UnprocessableEntity", "")]
    [InlineData(307, RemoteFailure.Refused, "307 ", "Redirects are not followed")]
    public async Task A_refusal_is_final_and_names_endpoint_model_status_and_reason(int status, RemoteFailure kind, string named, string advice)
    {
        const string reason = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.";
        await using var server = await ChatServer.StartAsync(Replies.Status(status, Replies.Error(reason, "context_length_exceeded"), ("Location", "http://127.0.0.1:1/")));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        foreach (var ask in new[] { Once(model), Streamed(model) })
        {
            var failure = await Assert.ThrowsAsync<RemoteModelException>(ask);
            Assert.Equal((kind, (int?)status, false), (failure.Kind, failure.Status, failure.IsTransient));
            foreach (var part in new[] { server.Settings.Endpoint, "tiny-vlm", named, "context_length_exceeded", reason, advice })
                Assert.Contains(part, failure.Message);
        }
        Assert.Equal(2, server.Received.Count);
        Assert.Equal((2, 2, 0), (model.Usage.Requests, model.Usage.Failures[kind], model.Usage.Retries));
    }

    [Theory]
    [InlineData("""{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}""", "(400): too long")]
    [InlineData("""{"error":{"message":"too long","type":"BadRequestError","param":null,"code":400}}""", "(400): too long")]
    [InlineData("""{"detail":"too long"}""", "400 BadRequest: too long")]
    [InlineData("""{"error":"too long"}""", "400 BadRequest: too long")]
    [InlineData("<html>\n<body><h1>too</h1>\nlong</body></html>", "400 BadRequest: too long")]
    [InlineData("[1, 2]", "400 BadRequest: [1, 2]")]
    [InlineData("", "it gave no reason")]
    public async Task Every_kind_of_error_body_is_read(string body, string told)
    {
        await using var server = await ChatServer.StartAsync(Replies.Status(400, body));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.Contains(told, (await Assert.ThrowsAsync<RemoteModelException>(Once(model))).Message);
    }

    [Fact]
    public async Task A_page_of_text_is_cut_short()
    {
        await using var server = await ChatServer.StartAsync(Replies.Status(400, new string('x', 100_000)));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.True((await Assert.ThrowsAsync<RemoteModelException>(Once(model))).Message.Length < 1000);
    }

    [Fact]
    public async Task A_used_up_quota_is_not_waited_for()
    {
        await using var server = await ChatServer.StartAsync(Replies.Status(429, Replies.Error("You exceeded your current quota.", "insufficient_quota"), ("Retry-After", "1")));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.Equal(RemoteFailure.QuotaExceeded, (await Assert.ThrowsAsync<RemoteModelException>(Once(model))).Kind);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task The_key_is_in_no_exception_and_no_log_even_where_the_service_echoes_it()
    {
        var echo = $"Incorrect API key provided: {ChatServer.Key}";
        var log = new LineLog();
        foreach (var reply in new[]
        {
            Replies.Status(401, Replies.Error(echo, ChatServer.Key)), Replies.Status(500, echo), Replies.Raw($"{{\"choices\": \"{ChatServer.Key}\"}}"),
            Replies.Raw($"Bearer {ChatServer.Key}"), Replies.HangUpInTheMiddle(),
        })
        {
            await using var server = await ChatServer.StartAsync(reply);
            using var model = RemoteModel.Connect(server.Settings with { BreakerAttempts = 2 }, "Test", log: log);
            Assert.DoesNotContain(ChatServer.Key, (await Assert.ThrowsAsync<RemoteModelException>(Once(model))).ToString());
            Assert.DoesNotContain(ChatServer.Key, (await Assert.ThrowsAsync<RemoteModelException>(Streamed(model))).ToString());
            Assert.DoesNotContain(ChatServer.Key, server.Settings.ToString());
            Assert.DoesNotContain(ChatServer.Key, System.Text.Json.JsonSerializer.Serialize(server.Settings));
        }
        Assert.Contains(log.Lines, line => line.Contains("***"));
        Assert.All(log.Lines, line => Assert.DoesNotContain(ChatServer.Key, line));
    }

    [Theory]
    [InlineData("Endpoint", "localhost:8000/v1")]
    [InlineData("Endpoint", "https://user:word@host/v1")]
    [InlineData("Endpoint", "https://host/v1?api-key=1")]
    [InlineData("Endpoint", "")]
    [InlineData("Model", "")]
    [InlineData("Key", "@Microsoft.KeyVault(SecretUri=https://vault/secrets/key)")]
    [InlineData("Key", "sk-hidden\n")]
    [InlineData("KeyHeader", "X Y")]
    [InlineData("ImageDetail", "sharp")]
    [InlineData("MaxAttempts", "0")]
    [InlineData("MaxInFlight", "0")]
    [InlineData("TimeoutSeconds", "0")]
    [InlineData("BreakerAttempts", "1")]
    [InlineData("BreakerOpenSeconds", "0.1")]
    [InlineData("EntraId", "true")]
    public void A_setting_that_cannot_be_used_is_named(string name, string value)
    {
        var property = typeof(RemoteModelSettings).GetProperty(name)!;
        var settings = new RemoteModelSettings { Endpoint = "https://host/v1", Model = "m", Key = "sk-hidden" };
        property.SetValue(settings, Convert.ChangeType(value, property.PropertyType, System.Globalization.CultureInfo.InvariantCulture));
        var error = Assert.Throws<InvalidOperationException>(() => settings.Check("Tpo:Models:Text"));
        Assert.StartsWith($"The setting Tpo:Models:Text:{(name == "EntraId" ? "Key" : name)} ", error.Message);
        Assert.DoesNotContain("sk-hidden", error.Message);
    }

    private static Func<Task> Once(RemoteModel model) => () => model.GetResponseAsync([RequestTests.Ask("?")]);

    private static Func<Task> Streamed(RemoteModel model) => () => model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync();
}
