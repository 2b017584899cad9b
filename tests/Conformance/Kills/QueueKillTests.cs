using Azure.Storage.Queues;
using Xunit.Abstractions;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>Messages of a queue start orchestrations; the host is killed around the requests that fetch and delete them.</summary>
[Collection(AzuriteCollection.Name)]
[Promise("7.1.1")]
public sealed class QueueKillTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private const int OrdersAKill = 3;
    private readonly string storage = azurite.NewAccount();

    [Fact, Trait("Lane", "slow")]
    public async Task A_message_is_handled_to_its_end_whenever_the_host_is_killed_and_is_no_poison_for_it()
    {
        var orders = new QueueClient(storage, "orders", new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        await orders.CreateAsync();
        using var run = new LoadRun(storage, "orders");
        string[] points = [.. from kind in (string[])["read", "delete"] from moment in (string[])["before", "within", "after"] select $"{kind}-queue-message:{moment}:1"];
        var sent = new List<string>();
        foreach (var point in points)
        {
            for (var i = 0; i < OrdersAKill; i++)
            {
                sent.Add($"w-order{sent.Count}");
                await orders.SendMessageAsync(sent[^1]);
            }
            await run.DieAsync(new Kill(point, default), withWave: false);
        }
        var result = await run.FinishAsync(restart: true, expected: sent);

        Assert.Equal(points, run.Reached.Select(kill => kill.Fault));
        Assert.Empty(result.Faults());
        Assert.Equal(sent.Order(), result.Shown.Select(shown => shown.Id).Order());
        Assert.Single(result.Shown.Select(shown => shown.Output).Distinct());
        Assert.False((await new QueueClient(storage, "orders-poison").ExistsAsync()).Value);
        output.WriteLine($"{sent.Count} messages, {points.Length} kills; activities ran {result.RunCount} times, {sent.Count * 5} without kills");
    }
}
