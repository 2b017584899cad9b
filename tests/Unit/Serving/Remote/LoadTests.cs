using Microsoft.Extensions.AI;
using Tpo.Shared.Models.Remote;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>Many callers at once: turns, the circuit breaker, cancellation, and the count of it all.</summary>
public sealed class LoadTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task No_more_attempts_are_in_flight_than_allowed()
    {
        await using var server = await ChatServer.StartAsync(async context =>
        {
            await Task.Delay(20);
            await Replies.Stream("red")(context);
        });
        using var model = RemoteModel.Connect(server.Settings with { MaxInFlight = 3 }, "Test");
        var answers = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync()));
        Assert.All(answers, answer => Assert.Equal("red", answer.Text));
        Assert.Equal(3, server.MostInFlight);
    }

    [Fact]
    public async Task Who_waits_for_the_next_attempt_holds_no_turn()
    {
        var clock = new ManualClock(Noon);
        await using var server = await ChatServer.StartAsync(Replies.Status(429, "", ("Retry-After", "60")), Replies.Text("blue"), Replies.Text("red"));
        using var model = RemoteModel.Connect(server.Settings with { MaxInFlight = 1 }, "Test", clock: clock);
        var first = model.GetResponseAsync([RequestTests.Ask("?")]);
        await clock.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("blue", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("red", (await first).Text);
    }

    [Fact]
    public async Task An_ill_endpoint_is_left_alone_for_a_while_and_then_tried_again()
    {
        var clock = new ManualClock(Noon);
        var log = new LineLog();
        await using var server = await ChatServer.StartAsync([.. Enumerable.Repeat(Replies.Status(500, Replies.Error("out of memory")), 5), Replies.Text("red")]);
        using var model = RemoteModel.Connect(server.Settings with { MaxAttempts = 1, BreakerAttempts = 4, BreakerOpenSeconds = 30 }, "Test", clock: clock, log: log);
        Task<RemoteModelException> FailAsync() => Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([RequestTests.Ask("?")]));

        for (var i = 0; i < 4; i++)
            Assert.Equal(RemoteFailure.ServiceError, (await FailAsync()).Kind);
        clock.Advance(TimeSpan.FromSeconds(10));
        var open = await FailAsync();
        Assert.Equal(RemoteFailure.CircuitOpen, open.Kind);
        Assert.Contains("since 2026-03-01 12:00:00Z, until 2026-03-01 12:00:30Z", open.Message);
        Assert.Contains("out of memory", open.Message);
        Assert.Equal(20, open.RetryAfter!.Value.TotalSeconds);
        Assert.Equal(4, server.Received.Count);

        clock.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(RemoteFailure.ServiceError, (await FailAsync()).Kind);
        Assert.Contains("since 2026-03-01 12:00:31Z, until 2026-03-01 12:01:01Z", (await FailAsync()).Message);
        Assert.Equal(5, server.Received.Count);

        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
        Assert.Equal(["Error", "Error", "Information"], log.Lines.Select(line => line.Split(':')[0]));
        Assert.Equal(2, model.Usage.Failures[RemoteFailure.CircuitOpen]);
        Assert.Equal(7, model.Usage.Attempts);
    }

    [Fact]
    public async Task A_rate_limit_or_a_refusal_is_no_illness()
    {
        await using var server = await ChatServer.StartAsync([.. Enumerable.Repeat(Replies.Status(429), 6), .. Enumerable.Repeat(Replies.Status(400), 6), Replies.Text("red")]);
        using var model = RemoteModel.Connect(server.Settings with { MaxAttempts = 1, BreakerAttempts = 2 }, "Test");
        for (var i = 0; i < 12; i++)
            await Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([RequestTests.Ask("?")]));
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
    }

    [Fact]
    public async Task Streams_that_break_in_the_middle_open_the_circuit_too()
    {
        await using var server = await ChatServer.StartAsync(Replies.Events([Replies.Piece("a re")]));
        using var model = RemoteModel.Connect(server.Settings with { BreakerAttempts = 2 }, "Test");
        var kinds = new List<RemoteFailure>();
        for (var i = 0; i < 3; i++)
            kinds.Add((await Assert.ThrowsAsync<RemoteModelException>(() => model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync())).Kind);
        Assert.Equal([RemoteFailure.Truncated, RemoteFailure.Truncated, RemoteFailure.CircuitOpen], kinds);
    }

    [Fact]
    public async Task A_caller_can_give_up_while_it_asks_waits_for_a_turn_or_waits_to_try_again()
    {
        await using var server = await ChatServer.StartAsync(Replies.Silence());
        await using var limited = await ChatServer.StartAsync(Replies.Status(429, "", ("Retry-After", "60")));
        using var model = RemoteModel.Connect(server.Settings with { MaxInFlight = 1 }, "Test");
        using var waiting = RemoteModel.Connect(limited.Settings, "Test");
        using var source = new CancellationTokenSource();
        Task[] asked =
        [
            model.GetResponseAsync([RequestTests.Ask("in flight")], cancellationToken: source.Token),
            model.GetResponseAsync([RequestTests.Ask("in the queue")], cancellationToken: source.Token),
            waiting.GetResponseAsync([RequestTests.Ask("between attempts")], cancellationToken: source.Token),
        ];
        while (server.Received.Count + limited.Received.Count < 2)
            await Task.Delay(5);
        await Task.Delay(30);
        await source.CancelAsync();
        foreach (var task in asked)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal((2, 1), (model.Usage.Failures[RemoteFailure.Cancelled], waiting.Usage.Failures[RemoteFailure.Cancelled]));
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task Who_stops_reading_a_stream_ends_it_and_frees_its_turn()
    {
        var gone = new TaskCompletionSource();
        await using var server = await ChatServer.StartAsync(async context =>
        {
            await Replies.Events([Replies.Piece("a re")])(context);
            await Replies.Silence()(context);
            gone.SetResult();
        }, Replies.Text("red"));
        using var model = RemoteModel.Connect(server.Settings with { MaxInFlight = 1 }, "Test");
        await foreach (var _ in model.GetStreamingResponseAsync([RequestTests.Ask("?")]))
            break;
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("red", (await model.GetResponseAsync([RequestTests.Ask("?")])).Text);
        Assert.Equal(1, model.Usage.Failures[RemoteFailure.Cancelled]);
    }

    [Fact]
    public async Task The_account_adds_up()
    {
        await using var server = await ChatServer.StartAsync(
            Replies.Text("red", prompt: 100, completion: 5), Replies.Status(500), Replies.Raw("?"), Replies.Text("red", prompt: 10, completion: 2),
            Replies.Status(401), Replies.WithoutUsage("red"), Replies.Stream("r", "ed"));
        using var model = RemoteModel.Connect(server.Settings, "Test");
        Assert.Equal((0, 0), (model.Usage.Requests, model.Usage.Attempts));
        await model.GetResponseAsync([RequestTests.Ask("?")]);
        await model.GetResponseAsync([RequestTests.Ask("?")]);
        await Assert.ThrowsAsync<RemoteModelException>(() => model.GetResponseAsync([RequestTests.Ask("?")]));
        await model.GetResponseAsync([RequestTests.Ask("?")]);
        await model.GetStreamingResponseAsync([RequestTests.Ask("?")]).ToChatResponseAsync();

        var usage = model.Usage;
        Assert.Equal((5, 7, 2, 4, 1), (usage.Requests, usage.Attempts, usage.Retries, usage.Answers, usage.WithoutUsage));
        Assert.Equal(
            [(RemoteFailure.ServiceError, 1L), (RemoteFailure.Malformed, 1L), (RemoteFailure.Unauthorized, 1L)], usage.Failures.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(usage.Attempts, usage.Answers + usage.Failures.Values.Sum());
        Assert.Equal((117, 9), (usage.PromptTokens, usage.CompletionTokens));
        Assert.InRange(usage.Seconds, 0.0001, 30);
        Assert.Equal(server.Received.Count, usage.Attempts);
    }
}
