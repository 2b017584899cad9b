using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class QueueTests(AzuriteFixture azurite)
{
    [Fact, Promise("7.1.1", "7.1.3")]
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
        var bodies = await ReadAsync(storage, "work-poison", 2);
        Assert.Equal(
            [Convert.ToBase64String("""{"Name":"bad"}"""u8), "this is not base64!"],
            bodies.OrderBy(b => b == "this is not base64!"));
        Assert.Equal(["bad 1", "bad 2", "bad 3", "bad 4", "bad 5", "good 1"], app.Seen.Notes.Order());
        Assert.Equal(0, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact, Promise("7.1.2")]
    public async Task A_message_stays_invisible_for_as_long_as_it_is_worked_on()
    {
        var queue = new QueueClient(azurite.NewAccount(), "work");
        await queue.CreateAsync();
        await queue.SendMessageAsync("long work");
        var reading = new QueueReading(4, 4, 5, Base64: false, TimeSpan.Zero, TimeSpan.FromMilliseconds(200)) { Hidden = TimeSpan.FromSeconds(1) };
        var calls = 0;
        using var stop = new CancellationTokenSource();
        var listening = new QueueListener(queue, reading, WorkAsync, (_, _) => Task.CompletedTask, new SemaphoreSlim(0), NullLogger.Instance)
            .RunAsync(stop.Token);
        await Task.Delay(2300);
        Assert.Null((await queue.ReceiveMessageAsync()).Value); // nor does anybody else see it
        for (var deadline = DateTime.UtcNow.AddSeconds(20); await CountAsync(queue) > 0 && DateTime.UtcNow < deadline; await Task.Delay(50)) ;
        Assert.Equal(0, await CountAsync(queue));
        Assert.Equal(1, calls);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);

        async Task WorkAsync(QueueArrival arrival, CancellationToken cancellation)
        {
            calls++;
            await Task.Delay(2700, cancellation);
        }
    }

    [Fact, Promise("7.2.1", "7.2.2")]
    public async Task The_queue_settings_of_host_json_hold()
    {
        var storage = azurite.NewAccount();
        var queue = Queue(storage, "plain", QueueMessageEncoding.None);
        await queue.CreateAsync();
        foreach (var text in new[] { "a", "b", "c", "bad" })
            await queue.SendMessageAsync(text);
        const string settings = "AzureFunctionsJobHost:extensions:queues";
        await using var app = await TestApp.StartAsync(storage, [typeof(OneAtATime)], null,
            $"{settings}:messageEncoding=none", $"{settings}:batchSize=1", $"{settings}:newBatchThreshold=0",
            $"{settings}:maxDequeueCount=2", $"{settings}:visibilityTimeout=00:00:01");
        await app.Seen.WaitForAsync(5);
        Assert.Equal(["bad"], await ReadAsync(storage, "plain-poison", 1));
        Assert.Equal(["a of 1", "b of 1", "bad of 1", "bad of 1", "c of 1"], app.Seen.Notes.Select(note => note.Split('@')[0]).Order());
        var attempts = app.Seen.Notes.Where(note => note.StartsWith("bad")).Select(note => long.Parse(note.Split('@')[1])).ToArray();
        Assert.True(attempts[1] - attempts[0] >= 800, $"The second attempt came {attempts[1] - attempts[0]} ms after the first.");
    }

    [Fact, Promise("7.2.1")]
    public async Task By_default_sixteen_and_eight_messages_are_worked_on_at_a_time()
    {
        var storage = azurite.NewAccount();
        var queue = Queue(storage, "crowd");
        await queue.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => queue.SendMessageAsync($"{i}")));
        await using var app = await TestApp.StartAsync(storage, [typeof(Crowd)]);
        await app.Seen.WaitForAsync(30);
        Assert.Equal(24, app.Seen.Notes.Max(int.Parse));
    }

    [Fact, Promise("7.1.4")]
    public async Task A_message_is_bound_to_every_type_and_its_properties_by_name()
    {
        var storage = azurite.NewAccount();
        foreach (var name in new[] { "text", "bytes", "data", "message" })
        {
            await Queue(storage, name).CreateAsync();
            await Queue(storage, name).SendMessageAsync("hi");
        }
        await using var app = await TestApp.StartAsync(storage, [typeof(EveryType)]);
        await app.Seen.WaitForAsync(4);
        Assert.Equal(["bytes hi", "data hi", "message hi True", "text hi 1 True"], app.Seen.Notes.Order());
    }

    private static QueueClient Queue(string storage, string name, QueueMessageEncoding encoding = QueueMessageEncoding.Base64) =>
        new(storage, name, new QueueClientOptions { MessageEncoding = encoding });

    private static async Task<int> CountAsync(QueueClient queue) => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount;

    /// <summary>The messages as they lie in the queue, undecoded; waits for that many.</summary>
    private static async Task<IReadOnlyList<string>> ReadAsync(string storage, string name, int count)
    {
        var queue = Queue(storage, name, QueueMessageEncoding.None);
        var bodies = new List<string>();
        for (var deadline = DateTime.UtcNow.AddSeconds(20); bodies.Count < count && DateTime.UtcNow < deadline; await Task.Delay(50))
            if (await queue.ExistsAsync())
                bodies.AddRange((await queue.ReceiveMessagesAsync(8)).Value.Select(m => m.Body.ToString()));
        return bodies;
    }

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

    private sealed class OneAtATime(Seen seen)
    {
        private static int running;

        [Function("OneAtATime")]
        public async Task Run([QueueTrigger("plain")] string message)
        {
            seen.Add($"{message} of {Interlocked.Increment(ref running)}@{Environment.TickCount64}");
            await Task.Delay(100);
            Interlocked.Decrement(ref running);
            if (message == "bad")
                throw new InvalidOperationException("bad message");
        }
    }

    private sealed class Crowd(Seen seen)
    {
        private static int running;

        [Function("Crowd")]
        public async Task Run([QueueTrigger("crowd")] string message)
        {
            var now = Interlocked.Increment(ref running);
            await Task.Delay(1000);
            seen.Add($"{now}");
            Interlocked.Decrement(ref running);
        }
    }

    private sealed class EveryType(Seen seen)
    {
        [Function("Text")]
        public void Text([QueueTrigger("text")] string message, int dequeueCount, string id, FunctionContext context) =>
            seen.Add($"text {message} {dequeueCount} {id.Length > 0 && context.BindingContext.BindingData["id"] is string}");

        [Function("Bytes")]
        public void Bytes([QueueTrigger("bytes")] byte[] message) => seen.Add($"bytes {Encoding.UTF8.GetString(message)}");

        [Function("Data")]
        public void Data([QueueTrigger("data")] BinaryData message) => seen.Add($"data {message}");

        [Function("Message")]
        public void Message([QueueTrigger("message")] QueueMessage message, string queueTrigger) =>
            seen.Add($"message {queueTrigger} {message.MessageId.Length > 0}");
    }
}
