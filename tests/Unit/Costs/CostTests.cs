using Microsoft.Extensions.AI;
using Tpo.Shared;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Costs;

public sealed class CostTests
{
    private static readonly DateTimeOffset Monday = new(2026, 1, 5, 23, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_price_counts_tokens_by_the_million_and_machines_by_the_hour() => Assert.Equal(
        0.15m * 2 + 0.6m * 0.5m + 3m * 2,
        new Price { PerMillionPromptTokens = 0.15m, PerMillionGeneratedTokens = 0.6m, PerHour = 3 }.Of(new Cost(7200, 2_000_000, 500_000)));

    [Fact]
    public void The_report_sums_by_day_stage_and_video()
    {
        LedgerLine[] lines =
        [
            new(Monday, CostStage.Captions, "a", "1", new Cost(1, 10, 5), 100, 0.5m), new(Monday, CostStage.Answers, "b", "2", new Cost(2, 20, 6), 200, 1m),
            new(Monday.AddHours(2), CostStage.Captions, "a", "3", new Cost(4, 40, 7), 400, 2m),
        ];
        var report = CostReport.Of(lines, new CostSettings { MostPerDay = 5 }, new DateOnly(2026, 1, 6));
        Assert.Equal(new CostSum(3, 7, 70, 18, 700, 3.5m), report.Total);
        Assert.Equal(2m, report.Today.Money);
        Assert.Equal([1.5m, 2m], report.ByDay.Values.Select(sum => sum.Money));
        Assert.Equal((2.5m, 1m), (report.ByStage[CostStage.Captions].Money, report.ByStage[CostStage.Answers].Money));
        Assert.Equal((2.5m, 1m, 5m), (report.ByVideo["a"].Money, report.ByVideo["b"].Money, report.MostPerDay));
    }

    [Fact]
    public void An_estimate_scales_what_units_have_cost_and_names_what_is_unknown()
    {
        LedgerLine[] lines = [new(Monday, CostStage.Answers, "a", "1", new Cost(1, 100, 10), 1, 99), new(Monday, CostStage.Answers, "a", "2", new Cost(3, 300, 30), 1, 99)];
        var estimate = CostEstimate.Of(10, lines, new TpoSettings { SegmentsPerVideo = 4, Costs = new CostSettings { Answers = new Price { PerHour = 36 } } });
        // Ten views a video, a mean of 2 s each.
        Assert.Equal((100, 2, 200.0, 20000.0, 2000.0, 2m), (estimate.Stages[CostStage.Answers].Units, estimate.Stages[CostStage.Answers].Measured,
            estimate.Seconds, estimate.Stages[CostStage.Answers].PromptTokens, estimate.Stages[CostStage.Answers].GeneratedTokens, estimate.Money));
        Assert.Equal([CostStage.Plan, CostStage.Captions, CostStage.Queries, CostStage.Judge], estimate.Unknown);
    }

    [Fact]
    public async Task A_meter_counts_the_calls_made_while_it_runs_and_those_of_a_meter_inside_it_too()
    {
        using IChatClient client = new MeteredChatClient(new Fixed(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 3 }));
        using var outer = CostMeter.Start();
        await client.GetResponseAsync("one");
        using (var inner = CostMeter.Start())
        {
            await Task.WhenAll(client.GetResponseAsync("two"), client.GetResponseAsync("three"));
            Assert.Equal((20, 6), (inner.Cost.PromptTokens, inner.Cost.GeneratedTokens));
        }
        await client.GetResponseAsync("four");
        Assert.Equal((40, 12), (outer.Cost.PromptTokens, outer.Cost.GeneratedTokens));
    }

    private sealed class Fixed(UsageDetails usage) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "yes")) { Usage = usage });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException("Not asked here.");

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
