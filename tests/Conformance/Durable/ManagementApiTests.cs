using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable;

namespace Tpo.Tests.Conformance.Durable;

public sealed class ManagementApiTests(AzuriteFixture azurite) : HubTests(azurite)
{
    private readonly HttpClient http = new();
    private WebApplication app = null!;

    public override async Task InitializeAsync()
    {
        Hub.Orchestrator("Echo", c => Task.FromResult(c.GetInput<string>()));
        Hub.Orchestrator("Waits", c => c.WaitForExternalEvent<string>("e"));
        Hub.Orchestrator<string>("Fails", _ => throw new InvalidOperationException("no"));
        await Hub.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        DurableManagementApi.Map(app, Hub.Engine, context => context.Request.Query["code"] == "key");
        await app.StartAsync();
        http.BaseAddress = new Uri(app.Urls.First() + "/runtime/webhooks/durabletask/");
    }

    public override async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Without_the_key_nothing_is_answered() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("instances")).StatusCode);

    [Fact]
    public async Task An_instance_is_started_watched_told_and_read_by_the_urls_it_hands_out()
    {
        var start = await http.PostAsJsonAsync("orchestrators/Waits/one?code=key", 1);
        Assert.Equal(HttpStatusCode.Accepted, start.StatusCode);
        var urls = (await start.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
        Assert.Equal("one", urls["id"]);
        Assert.Equal(start.Headers.Location!.ToString(), urls["statusQueryGetUri"]);
        var running = await http.GetAsync(urls["statusQueryGetUri"]);
        Assert.Equal(HttpStatusCode.Accepted, running.StatusCode);
        Assert.Equal("5", running.Headers.GetValues("Retry-After").Single());

        var raise = urls["sendEventPostUri"].Replace("{eventName}", "E");
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync(raise, new StringContent("text"))).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsJsonAsync(raise, "told")).StatusCode);
        await Hub.FinishAsync("one");
        var done = await http.GetFromJsonAsync<JsonElement>(urls["statusQueryGetUri"]);
        Assert.Equal("Completed", done.GetProperty("runtimeStatus").GetString());
        Assert.Equal("told", done.GetProperty("output").GetString());
        Assert.Equal(1, done.GetProperty("input").GetInt32());
        Assert.Equal(HttpStatusCode.Gone, (await http.PostAsJsonAsync(raise, "late")).StatusCode);
        Assert.Equal(HttpStatusCode.Gone, (await http.PostAsync(urls["terminatePostUri"], null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.DeleteAsync(urls["purgeHistoryDeleteUri"])).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(urls["statusQueryGetUri"])).StatusCode);
    }

    [Fact]
    public async Task Steering_and_listing_answer_as_the_extension_does()
    {
        await http.PostAsJsonAsync("orchestrators/Waits/held?code=key", 1);
        Assert.Equal(HttpStatusCode.Conflict, (await http.PostAsJsonAsync("orchestrators/Waits/held?code=key", 1)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync("instances/held/suspend?code=key&reason=lunch", null)).StatusCode);
        var held = (await http.GetFromJsonAsync<JsonElement>("instances?code=key&runtimeStatus=Suspended"))[0];
        Assert.Equal("held", held.GetProperty("instanceId").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync("instances/held/resume?code=key", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync("instances/held/terminate?code=key&reason=enough", null)).StatusCode);
        Assert.Equal("enough", (await http.GetFromJsonAsync<JsonElement>("instances/held?code=key")).GetProperty("output").GetString());

        var echo = await http.PostAsJsonAsync("orchestrators/Echo?code=key&timeout=10&pollingInterval=1", "hi");
        Assert.Equal("hi", await echo.Content.ReadFromJsonAsync<string>());
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsJsonAsync("orchestrators/Fails/bad?code=key&timeout=10&pollingInterval=1", "x")).StatusCode);
        var asError = await http.GetAsync("instances/bad?code=key&returnInternalServerErrorOnFailure=true");
        Assert.Equal(HttpStatusCode.InternalServerError, asError.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsJsonAsync("orchestrators/Nobody?code=key", 1)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync("orchestrators/Echo?code=key", new StringContent("{"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync("instances/none/terminate?code=key", null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.DeleteAsync("instances?code=key")).StatusCode);

        var first = await http.GetAsync("instances?code=key&top=1");
        var next = new HttpRequestMessage(HttpMethod.Get, "instances?code=key&top=5");
        next.Headers.Add("x-ms-continuation-token", first.Headers.GetValues("x-ms-continuation-token"));
        Assert.Equal(2, (await (await http.SendAsync(next)).Content.ReadFromJsonAsync<JsonElement>()).GetArrayLength());
    }
}
