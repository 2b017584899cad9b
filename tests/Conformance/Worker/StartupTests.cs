using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class StartupTests(AzuriteFixture azurite)
{
    private const string Nowhere =
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a;";

    [Theory, Promise("2.3.1", "2.3.4")]
    [InlineData(typeof(Twice), "Two functions are named 'same'")]
    [InlineData(typeof(TwoTriggers), "'TwoTriggers' has two triggers: 'request' and 'timer'")]
    [InlineData(typeof(NoTrigger), "'NoTrigger' has no trigger parameter")]
    [InlineData(typeof(Unbindable), "'Unbindable': parameter 'number' of type System.Int32 cannot be filled")]
    [InlineData(typeof(UnbindableBlob), "'UnbindableBlob': parameter 'blob' of type System.Int32 cannot be filled")]
    [InlineData(typeof(MissingService), "'MissingService': the constructor of")]
    [InlineData(typeof(AsyncVoid), "'AsyncVoid'")]
    [InlineData(typeof(BadName), "'1st'")]
    [InlineData(typeof(BadSchedule), "'BadSchedule': 'every day' has 2 fields")]
    [InlineData(typeof(SameRoute), "have the same route get /api/things/{b}")]
    [InlineData(typeof(RetriedHttp), "'RetriedHttp': retry attributes work on timer triggers only")]
    [InlineData(typeof(BadRetry), "'BadRetry': the retry interval 'soon' is not a time")]
    public async Task A_function_that_cannot_work_stops_the_start_and_is_named(Type functions, string sentence)
    {
        var error = await Assert.ThrowsAsync<StartupException>(() => TestApp.StartAsync(azurite.NewAccount(), [functions]));
        Assert.Contains(sentence, error.Message);
    }

    [Fact]
    public async Task Storage_that_does_not_answer_is_one_sentence_and_exit_code_1()
    {
        await using var host = TestApp.Build(Nowhere, [typeof(Fine)], null);
        var (error, exitCode) = (Console.Error, Environment.ExitCode);
        var text = new StringWriter();
        Console.SetError(text);
        try
        {
            await host.RunAsync().WaitAsync(TimeSpan.FromSeconds(30)); // returns by itself: nothing is left running
            Assert.Equal(1, Environment.ExitCode);
            Assert.Equal("Storage at http://127.0.0.1:9/a (setting AzureWebJobsStorage) does not answer: "
                + "start Azurite with `./tpo up`, then start the app again.", text.ToString().Trim());
        }
        finally
        {
            Console.SetError(error);
            Environment.ExitCode = exitCode;
        }
    }

    [Fact]
    public async Task The_apps_own_services_start_before_anything_can_call_a_function()
    {
        await using var app = await TestApp.StartAsync(
            azurite.NewAccount(), [typeof(AtStart)], app => app.Services.AddHostedService<SlowStart>());
        Assert.Equal(["service started", "timer ran"], await app.Seen.WaitForAsync(2));
    }

    internal sealed class SlowStart(Seen seen, Microsoft.AspNetCore.Hosting.Server.IServer server) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellation)
        {
            await Task.Delay(300, cancellation);
            var addresses = server.Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses;
            seen.Add(addresses.Count == 0 || addresses.All(a => a.EndsWith(":0")) ? "service started" : "HTTP was there before the service");
        }

        public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class AtStart(Seen seen)
    {
        [Function("AtStart")]
        public void Run([TimerTrigger("0 0 2 * * *", RunOnStartup = true)] TimerInfo timer) => seen.Add("timer ran");
    }

    private static class Fine
    {
        [Function("Fine")]
        public static string Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => "";
    }

    private static class Twice
    {
        [Function("same")]
        public static void One([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = timer;

        [Function("Same")]
        public static void Two([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = timer;
    }

    private static class TwoTriggers
    {
        [Function("TwoTriggers")]
        public static void Run([HttpTrigger] HttpRequest request, [TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = (request, timer);
    }

    private static class NoTrigger
    {
        [Function("NoTrigger")]
        public static void Run(FunctionContext context) => _ = context;
    }

    private static class Unbindable
    {
        [Function("Unbindable")]
        public static void Run([TimerTrigger("0 0 0 * * *")] TimerInfo timer, int number) => _ = (timer, number);
    }

    private static class UnbindableBlob
    {
        [Function("UnbindableBlob")]
        public static void Run([BlobTrigger("videos/{name}")] int blob) => _ = blob;
    }

    private sealed class MissingService(IComparable nobody)
    {
        [Function("MissingService")]
        public void Run([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = (timer, nobody);
    }

    private static class AsyncVoid
    {
        [Function("AsyncVoid")]
        public static async void Run([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => await Task.Yield();
    }

    private static class BadName
    {
        [Function("1st")]
        public static void Run([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = timer;
    }

    private static class BadSchedule
    {
        [Function("BadSchedule")]
        public static void Run([TimerTrigger("every day")] TimerInfo timer) => _ = timer;
    }

    private static class SameRoute
    {
        [Function("One")]
        public static void One([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{a}")] HttpRequest request) => _ = request;

        [Function("Two")]
        public static void Two([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{b}")] HttpRequest request) => _ = request;
    }

    private static class RetriedHttp
    {
        [Function("RetriedHttp")]
        [FixedDelayRetry(1, "00:00:01")]
        public static void Run([HttpTrigger] HttpRequest request) => _ = request;
    }

    private static class BadRetry
    {
        [Function("BadRetry")]
        [ExponentialBackoffRetry(3, "00:00:01", "soon")]
        public static void Run([TimerTrigger("0 0 0 * * *")] TimerInfo timer) => _ = timer;
    }
}
