using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Azure.Core.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class DurableFunctionTests(AzuriteFixture azurite)
{
    [Fact, Promise("2.6.1", "2.2.2", "2.3.3")]
    public async Task HTTP_starts_an_orchestration_whose_activities_have_services_and_speak_the_configured_JSON()
    {
        await using var app = await StartAsync(azurite.NewAccount());
        var order = new { kind = "large", items = new[] { "b", "a" } };
        var started = await app.Http.PostAsJsonAsync("/api/pack", order);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var finished = await WaitAsync(app, started.Headers.Location!.ToString());
        Assert.Equal("Completed", (string?)finished["status"]);
        Assert.Equal("""{"text":"a and b in Large by pack-1"}""", (string?)finished["output"]);
        Assert.Equal(
            ["orchestrator Pack", "activity Label pack-1 kind=Large item=a", "activity Label pack-1 kind=Large item=b", "ticket disposed"],
            app.Seen.Notes.Distinct().OrderBy(note => note.StartsWith("orch") ? 0 : note.StartsWith("act") ? 1 : 2).ThenBy(note => note));
    }

    [Fact]
    public async Task An_activitys_own_exception_reaches_the_orchestrator_unwrapped()
    {
        await using var app = await StartAsync(azurite.NewAccount());
        var started = await app.Http.PostAsJsonAsync("/api/pack", new { kind = "small", items = new[] { "broken" } });
        var finished = await WaitAsync(app, started.Headers.Location!.ToString());
        Assert.Equal("Completed", (string?)finished["status"]);
        Assert.Equal("""{"text":"System.IO.InvalidDataException: broken item"}""", (string?)finished["output"]);
    }

    [Fact]
    public async Task An_app_started_again_goes_on_with_the_orchestrations_it_had()
    {
        var storage = azurite.NewAccount();
        await using (var first = await StartAsync(storage))
        {
            var started = await first.Http.PostAsJsonAsync("/api/wait", new { });
            Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
            await first.Seen.WaitForAsync(1);
        }
        await using var second = await StartAsync(storage);
        Assert.Equal(HttpStatusCode.OK, (await second.Http.PostAsJsonAsync("/api/go", new { })).StatusCode);
        var finished = await WaitAsync(second, "/api/pack/wait-1");
        Assert.Equal("Completed", (string?)finished["status"]);
        Assert.Equal("\"went on\"", (string?)finished["output"]);
    }

    private static Task<TestApp> StartAsync(string storage) => TestApp.StartAsync(storage, [typeof(Packing)], app =>
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };
        app.Services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(json));
        app.Services.Configure<JsonOptions>(mvc => mvc.JsonSerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
        app.Services.AddScoped<PipelineTests.Ticket>();
        app.UseWhen(context => context.FunctionDefinition.Name == "Pack", (context, next) =>
        {
            context.InstanceServices.GetRequiredService<Seen>().Add("orchestrator Pack");
            return next();
        });
    });

    private static async Task<JsonObject> WaitAsync(TestApp app, string location)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); DateTime.UtcNow < deadline; await Task.Delay(50))
        {
            var answer = await app.Http.GetAsync(location);
            if (answer.StatusCode == HttpStatusCode.OK)
                return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }
        throw new TimeoutException($"{location} did not finish.");
    }

    internal enum BoxKind
    {
        Small,
        Large,
    }

    internal sealed record Order(BoxKind Kind, string[] Items);

    internal sealed record Piece(BoxKind Kind, string Item);

    internal sealed record Parcel(string Text);

    private sealed class Packing(Seen seen, PipelineTests.Ticket ticket)
    {
        [Function("Start")]
        public static async Task<IActionResult> Start(
            [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "pack")] HttpRequest request, [FromBody] Order order,
            [DurableClient] DurableTaskClient client, CancellationToken cancellation)
        {
            var id = await client.ScheduleNewOrchestrationInstanceAsync("Pack", order, new StartOrchestrationOptions("pack-1"), cancellation);
            return new AcceptedResult($"/api/pack/{id}", null);
        }

        [Function("Status")]
        public static async Task<IResult> Status(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "pack/{id}")] HttpRequest request, string id,
            [DurableClient] DurableTaskClient client)
        {
            var instance = await client.GetInstanceAsync(id, getInputsAndOutputs: true);
            return instance is null ? Results.NotFound()
                : instance.IsCompleted ? Results.Ok(new { status = instance.RuntimeStatus.ToString(), output = instance.SerializedOutput })
                : Results.Accepted();
        }

        [Function("StartWait")]
        public static async Task<IResult> StartWait(
            [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "wait")] HttpRequest request, [DurableClient] DurableTaskClient client)
        {
            await client.ScheduleNewOrchestrationInstanceAsync("Wait", null, new StartOrchestrationOptions("wait-1"));
            return Results.Accepted();
        }

        [Function("Go")]
        public static async Task Go(
            [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "go")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
            await client.RaiseEventAsync("wait-1", "go", "went on");

        [Function("Pack")]
        public static async Task<Parcel> Pack([OrchestrationTrigger] TaskOrchestrationContext context, Order order)
        {
            try
            {
                var labels = await Task.WhenAll(order.Items.Select(item => context.CallActivityAsync<string>("Label", new Piece(order.Kind, item))));
                return new Parcel($"{string.Join(" and ", labels.Order())} in {order.Kind} by {context.InstanceId}");
            }
            catch (TaskFailedException e)
            {
                return new Parcel($"{e.FailureDetails.ErrorType}: {e.FailureDetails.ErrorMessage}");
            }
        }

        [Function("Label")]
        public async Task<string> Label([ActivityTrigger] Piece piece, string instanceId, FunctionContext context)
        {
            Assert.Same(ticket, context.InstanceServices.GetRequiredService<PipelineTests.Ticket>());
            await Task.Yield();
            if (piece.Item == "broken")
                throw new InvalidDataException("broken item");
            seen.Add($"activity Label {instanceId} kind={piece.Kind} item={piece.Item}");
            return piece.Item;
        }

        [Function("Wait")]
        public static async Task<string> Wait([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync("Note", "waiting");
            return await context.WaitForExternalEvent<string>("go");
        }

        [Function("Note")]
        public void Note([ActivityTrigger] string text) => seen.Add(text);
    }
}
