using System.Net;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class ShutdownTests(AzuriteFixture azurite)
{
    [Fact, Promise("7.4.1", "7.4.2")]
    public async Task Running_calls_end_nothing_new_starts_and_what_was_cut_off_runs_again()
    {
        var storage = azurite.NewAccount();
        var queue = BlobTests.Queue(storage, "orders");
        await queue.CreateAsync();
        await queue.SendMessageAsync("first");
        await BlobTests.UploadAsync(storage, "videos", "clip.mp4", "x");
        await using (var app = await TestApp.StartAsync(storage, [typeof(Work)]))
        {
            var running = app.Http.GetAsync("/api/Slow");
            await app.Seen.WaitForAsync(3);
            var stopped = app.StopAsync();
            await app.Seen.WaitForAsync(4); // the queue function obeys its token
            await queue.SendMessageAsync("late");
            Assert.Equal("refused", await AskAsync(app));
            Assert.Equal("done, cancelled: True", await (await running).Content.ReadAsStringAsync());
            await stopped;
            Assert.Equal(["blob begun", "blob done", "http begun", "order first begun", "order first cut off"], app.Seen.Notes.Order());
        }
        await using var again = await TestApp.StartAsync(storage, [typeof(Work)]);
        await again.Seen.WaitForAsync(2);
        await Task.Delay(300);
        Assert.Equal(["order first begun", "order late begun"], again.Seen.Notes.Order());
    }

    [Fact, Promise("7.4.1")]
    public async Task A_call_that_does_not_end_does_not_hold_the_stop_beyond_its_grace()
    {
        var storage = azurite.NewAccount();
        var queue = BlobTests.Queue(storage, "stubborn");
        await queue.CreateAsync();
        await queue.SendMessageAsync("x");
        await using var app = await TestApp.StartAsync(storage, [typeof(Stubborn)], app =>
            app.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1)));
        await app.Seen.WaitForAsync(1);
        await app.StopAsync().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(["begun"], app.Seen.Notes);
        Assert.Equal(1, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount); // for the next start
    }

    private static async Task<string> AskAsync(TestApp app)
    {
        try
        {
            return (await app.Http.GetAsync("/api/Slow")).StatusCode == HttpStatusCode.ServiceUnavailable ? "refused" : "answered";
        }
        catch (HttpRequestException)
        {
            return "refused";
        }
    }

    private sealed class Work(Seen seen)
    {
        [Function("Slow")]
        public async Task<string> Slow([HttpTrigger] HttpRequest request, CancellationToken cancellation)
        {
            seen.Add("http begun");
            await Task.Delay(1500, CancellationToken.None);
            return $"done, cancelled: {cancellation.IsCancellationRequested}";
        }

        [Function("Order")]
        public async Task Order([QueueTrigger("orders")] string order, CancellationToken cancellation)
        {
            seen.Add($"order {order} begun");
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                seen.Add($"order {order} cut off");
            }
        }

        [Function("Blob")]
        public async Task Blob([BlobTrigger("videos/{name}", Source = BlobTriggerSource.EventGrid)] string blob)
        {
            seen.Add("blob begun");
            await Task.Delay(1000, CancellationToken.None);
            seen.Add("blob done");
        }
    }

    private sealed class Stubborn(Seen seen)
    {
        [Function("Stubborn")]
        public async Task Run([QueueTrigger("stubborn")] string message)
        {
            seen.Add("begun");
            await Task.Delay(TimeSpan.FromSeconds(20), CancellationToken.None);
        }
    }
}
