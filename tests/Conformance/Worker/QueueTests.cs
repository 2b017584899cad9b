using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;

namespace Tpo.Tests.Conformance.Worker;

[Collection(AzuriteCollection.Name)]
public sealed class QueueTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Messages_reach_the_function_and_one_that_fails_five_times_goes_to_the_poison_queue()
    {
        var storage = azurite.NewAccount();
        var queue = Queue(storage, "work");
        await queue.CreateAsync();
        await queue.SendMessageAsync("""{"Name":"good"}""");
        await queue.SendMessageAsync("""{"Name":"bad"}""");
        await new QueueClient(storage, "work").SendMessageAsync("this is not base64!");
        await using var app = await TestApp.StartAsync(storage, [typeof(Worker)]);
        await app.Seen.WaitForAsync(6);
        var poison = Queue(storage, "work-poison", QueueMessageEncoding.None);
        var bodies = new List<string>();
        for (var deadline = DateTime.UtcNow.AddSeconds(20); bodies.Count < 2 && DateTime.UtcNow < deadline; await Task.Delay(50))
            if (await poison.ExistsAsync())
                bodies.AddRange((await poison.ReceiveMessagesAsync(8)).Value.Select(m => m.Body.ToString()));
        Assert.Equal(
            [Convert.ToBase64String("""{"Name":"bad"}"""u8), "this is not base64!"],
            bodies.OrderBy(b => b == "this is not base64!"));
        Assert.Equal(["bad 1", "bad 2", "bad 3", "bad 4", "bad 5", "good 1"], app.Seen.Notes.Order());
        Assert.Equal(0, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    private static QueueClient Queue(string storage, string name, QueueMessageEncoding encoding = QueueMessageEncoding.Base64) =>
        new(storage, name, new QueueClientOptions { MessageEncoding = encoding });

    internal sealed record Job(string Name);

    private sealed class Worker(Seen seen)
    {
        [Function("Worker")]
        public void Run([QueueTrigger("work")] Job job, long dequeueCount)
        {
            seen.Add($"{job.Name} {dequeueCount}");
            if (job.Name == "bad")
                throw new InvalidOperationException("bad job");
        }
    }
}
