using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class WorkerJsonTests(AzuriteFixture azurite)
{
    [Fact, Promise("2.2.2", "2.6.1")]
    public async Task Names_are_read_ignoring_case_and_written_as_declared()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Shelf)]);
        Assert.Equal("""{"ItemName":"LENS","HowMany":3}""", await RunAsync(app, "Stock"));
        Assert.Equal("""{"ItemName":"LENS","HowMany":3}""", await RunAsync(app, "StockByGetInput"));
    }

    [Fact, Promise("2.2.2")]
    public async Task One_setting_changes_them_for_client_orchestrators_and_activities()
    {
        var snake = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, PropertyNameCaseInsensitive = true };
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Shelf)], app =>
            app.Services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(snake)));
        Assert.Equal("""{"item_name":"LENS","how_many":3}""", await RunAsync(app, "Stock", """{"item_name":"lens","how_many":2}"""));
    }

    /// <summary>Starts the orchestration and waits for its output, by the management API.</summary>
    private static async Task<string> RunAsync(TestApp app, string name, string input = """{"itemname":"lens","HOWMANY":2}""")
    {
        var started = await app.Http.PostAsync($"/runtime/webhooks/durabletask/orchestrators/{name}?timeout=20&pollingInterval=1",
            new StringContent(input, Encoding.UTF8, "application/json"));
        return (await started.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!.ToJsonString();
    }

    internal sealed record Item(string ItemName, int HowMany);

    private static class Shelf
    {
        [Function("Stock")]
        public static Task<Item> Stock([OrchestrationTrigger] TaskOrchestrationContext context, Item item) =>
            context.CallActivityAsync<Item>("Add", item);

        [Function("StockByGetInput")]
        public static Task<Item> StockByGetInput([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<Item>("Add", context.GetInput<Item>());

        [Function("Add")]
        public static Item Add([ActivityTrigger] Item item) => new(item.ItemName.ToUpperInvariant(), item.HowMany + 1);
    }
}
