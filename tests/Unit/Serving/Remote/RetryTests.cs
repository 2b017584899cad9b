using System.Globalization;
using Microsoft.Extensions.AI;
using Tpo.Shared.Models.Remote;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>What passes over is tried again, after as long as the service asks; what lasts too long ends in a sentence.</summary>
public sealed class RetryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_passing_fault_is_tried_again(int status)
    {
        var log = new LineLog();
        await using var server = await ChatServer.StartAsync(Replies.Status(status, Replies.Error("busy")), Replies.Status(status), Replies.Text("red"), Replies.Stream("red"));
        using var model = RemoteModel.Connect(server.Settings, "Test", log: log);
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
        Assert.Equal("red", (await model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync()).Text);
        Assert.Equal(4, server.Received.Count);
        Assert.Equal(server.Received[0].Body.ToJsonString(), server.Received[2].Body.ToJsonString());
        Assert.Contains("attempt 1 of 3 failed", log.Lines[0]);
        Assert.Contains("busy", log.Lines[0]);
    }

    [Fact]
    public async Task After_its_last_attempt_it_tells_the_last_reason_and_how_often_it_tried()
    {
        await using var server = await ChatServer.StartAsync(Replies.Status(500), Replies.Status(500), Replies.Status(503, Replies.Error("overloaded")));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        var failure = await Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([RequestTests.Ask("?")]));
        Assert.Equal((RemoteFailure.ServiceError, (int?)503, true), (failure.Kind, failure.Status, failure.IsTransient));
        Assert.Contains("503 ServiceUnavailable", failure.Message);
        Assert.EndsWith("overloaded. (3 attempts.)", failure.Message);
        Assert.Equal(3, server.Received.Count);
    }

    public static TheoryData<string, string, double> Waits => new()
    {
        { "Retry-After", "7", 7 },
        { "Retry-After", (Noon + TimeSpan.FromSeconds(42)).ToString("R", CultureInfo.InvariantCulture), 42 },
        { "retry-after-ms", "1500", 1.5 },
        { "x-ms-retry-after-ms", "2500", 2.5 },
    };

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task It_waits_as_long_as_the_service_asks(string header, string value, double seconds)
    {
        var clock = new ManualClock(Noon);
        await using var server = await ChatServer.StartAsync(Replies.Status(429, "", (header, value)), Replies.Text("red"));
        var settings = server.Settings with { BackoffSeconds = 0.001, MaxBackoffSeconds = 0.002 };
        using var model = RemoteModel.Connect(settings, "Test", clock: clock);
        var asked = model.GetResponseAsync([RequestTests.Ask("?")]);
        Assert.Equal(TimeSpan.FromSeconds(seconds), await clock.WaitAsync(TimeSpan.FromSeconds(settings.TimeoutSeconds)));
        clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        await Task.Delay(30);
        Assert.Single(server.Received);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("red", (await asked).Text);
        Assert.Equal(2, server.Received.Count);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-1")]
    [InlineData("soon")]
    public async Task A_wait_that_is_no_number_is_not_waited_for(string value)
    {
        await using var server = await ChatServer.StartAsync(Replies.Status(429, "", ("retry-after-ms", value), ("Retry-After", value)), Replies.Text("red"));
        using var model = RemoteModel.Connect(server.Settings with { BackoffSeconds = 0.001, MaxBackoffSeconds = 0.002 }, "Test");
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
    }

    [Theory]
    [InlineData("121")]
    [InlineData("Sun, 01 Mar 2026 14:00:00 GMT")]
    public async Task It_does_not_wait_longer_than_it_may(string value)
    {
        await using var server = await ChatServer.StartAsync(Replies.Status(429, Replies.Error("slow down"), ("Retry-After", value)));
        using var model = RemoteModel.Connect(server.Settings, "Test", clock: new ManualClock(Noon));
        var failure = await Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([RequestTests.Ask("?")]));
        Assert.Equal(RemoteFailure.RateLimited, failure.Kind);
        Assert.Contains("slow down", failure.Message);
        Assert.Contains("more than the 120 s that are waited (MaxRetryAfterSeconds)", failure.Message);
        Assert.Equal(value == "121" ? 121 : 7200, failure.RetryAfter!.Value.TotalSeconds);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task Own_waits_grow_and_stay_below_their_limit()
    {
        var clock = new ManualClock(Noon);
        await using var server = await ChatServer.StartAsync(Replies.Status(503));
        using var model = RemoteModel.Connect(server.Settings with { BackoffSeconds = 1, MaxBackoffSeconds = 20, MaxAttempts = 9, BreakerAttempts = 100 }, "Test", clock: clock);
        var asked = model.GetResponseAsync([RequestTests.Ask("?")]);
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var wait = await clock.WaitAsync(TimeSpan.FromSeconds(10));
            waits.Add(wait.TotalSeconds);
            clock.Advance(wait);
        }
        await Assert.ThrowsAsync<RemoteModelException>(() => asked);
        Assert.All(waits, wait => Assert.InRange(wait, 0, 20));
        Assert.InRange(waits[0], 0, 3);
        // Jitter may make any single wait short, never several together.
        Assert.True(waits.Skip(4).Sum() > 3 * waits.Take(2).Sum(), string.Join(' ', waits));
    }

    [Fact]
    public async Task An_attempt_that_says_nothing_is_ended_and_tried_again()
    {
        var clock = new ManualClock(Noon);
        await using var server = await ChatServer.StartAsync(Replies.Silence(), Replies.Text("red"), Replies.Silence(), Replies.Stream("red"), Replies.Silence());
        using var model = RemoteModel.Connect(server.Settings with { TimeoutSeconds = 30, MaxAttempts = 2 }, "Test", clock: clock);

        var answer = model.GetResponseAsync([RequestTests.Ask("?")]);
        await PassAsync(clock, server, request: 1);
        Assert.Equal("red", (await answer).Text);
        var stream = model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync();
        await PassAsync(clock, server, request: 3);
        Assert.Equal("red", (await stream).Text);

        var none = model.GetResponseAsync([RequestTests.Ask("?")]);
        await PassAsync(clock, server, request: 5);
        await PassAsync(clock, server, request: 6);
        var failure = await Assert.ThrowsAsync<RemoteModelException>(() => none);
        Assert.Equal(RemoteFailure.Timeout, failure.Kind);
        Assert.Contains("within 30 s (TimeoutSeconds)", failure.Message);
        Assert.Equal((4, 120), (model.Usage.Failures[RemoteFailure.Timeout], Math.Round(model.Usage.Seconds)));
    }

    [Fact]
    public async Task A_stream_that_stops_in_the_middle_ends_with_its_time()
    {
        var clock = new ManualClock(Noon);
        await using var server = await ChatServer.StartAsync(async context =>
        {
            await Replies.Events([Replies.Piece("a re")])(context);
            await Replies.Silence()(context);
        });
        using var model = RemoteModel.Connect(server.Settings with { TimeoutSeconds = 30 }, "Test", clock: clock);
        var failure = await Assert.ThrowsAsync<RemoteModelException>(async () =>
        {
            await foreach (var update in model.GetStreamingResponseAsync([RequestTests.Ask("?")]))
                clock.Advance(TimeSpan.FromSeconds(update.Text.Length > 0 ? 30 : 0));
        });
        Assert.Equal((RemoteFailure.Timeout, false), (failure.Kind, failure.IsTransient));
        Assert.Single(server.Received);
    }

    /// <summary>Lets the time of one attempt pass as soon as the server has its request: a moment before the end nothing happens.</summary>
    private static async Task PassAsync(ManualClock clock, ChatServer server, int request)
    {
        for (var tries = 0; server.Received.Count < request; tries++)
        {
            Assert.True(tries < 2500, $"Request {request} did not come.");
            await Task.Delay(2);
        }
        clock.Advance(TimeSpan.FromSeconds(29.9));
        await Task.Delay(20);
        Assert.Equal(request, server.Received.Count);
        clock.Advance(TimeSpan.FromSeconds(0.1));
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_is_a_sentence()
    {
        using var model = RemoteModel.Connect(new RemoteModelSettings { Endpoint = "http://127.0.0.1:1/v1", Model = "m", BackoffSeconds = 0, MaxAttempts = 2 }, "Test");
        var failure = await Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([RequestTests.Ask("?")]));
        Assert.Equal(RemoteFailure.Connection, failure.Kind);
        Assert.StartsWith("The model 'm' at http://127.0.0.1:1/v1 could not be reached", failure.Message);
        Assert.Contains("refused", failure.Message);
    }
}
