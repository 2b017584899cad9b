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
    private bool broken = true;

    public override async Task InitializeAsync()
    {
        Hub.Activity("Shout", (string text) => broken && text == "mend me" ? throw new IOException("broken") : text.ToUpperInvariant());
        Hub.Orchestrator("Echo", c => c.CallActivityAsync<string>("Shout", c.GetInput<string>()));
        Hub.Orchestrator("Waits", c => c.WaitForExternalEvent<string>("e"));
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

    [Fact, Promise("4.11")]
    public async Task Without_the_key_nothing_is_answered_and_a_wrong_verb_is_not_found()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("instances")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync("orchestrators/Waits?code=wrong"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync("instances/one?code=key"));
        Assert.Equal(HttpStatusCode.NotFound, (await http.PutAsync("instances?code=key", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("instances/one/terminate?code=key")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("elsewhere?code=key")).StatusCode);
    }

    [Fact, Promise("4.1", "4.3", "4.6")]
    public async Task An_instance_is_started_watched_told_and_read_by_the_urls_it_hands_out()
    {
        var start = await http.PostAsJsonAsync("orchestrators/Waits/one?code=key", 1);
        Assert.Equal(HttpStatusCode.Accepted, start.StatusCode);
        Assert.Equal("10", start.Headers.GetValues("Retry-After").Single());
        var urls = (await start.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
        Assert.Equal("one", urls["id"]);
        Assert.Equal(start.Headers.Location!.ToString(), urls["statusQueryGetUri"]);
        Assert.All(urls.Where(u => u.Key != "id"), u => Assert.Contains("taskHub=Hub", u.Value));
        Assert.All(urls.Where(u => u.Key != "id"), u => Assert.Contains("code=key", u.Value));
        var running = await http.GetAsync(urls["statusQueryGetUri"]);
        Assert.Equal(HttpStatusCode.Accepted, running.StatusCode);
        Assert.Equal("5", running.Headers.GetValues("Retry-After").Single());
        Assert.Equal(urls["statusQueryGetUri"], running.Headers.Location!.ToString());

        var raise = urls["sendEventPostUri"].Replace("{eventName}", "E");
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync(raise, new StringContent("text"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync(raise, new StringContent("{", null, "application/json"))).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsJsonAsync(raise, "told")).StatusCode);
        await Hub.FinishAsync("one");
        var done = await http.GetFromJsonAsync<JsonElement>(urls["statusQueryGetUri"]);
        Assert.Equal(["name", "instanceId", "runtimeStatus", "input", "customStatus", "output", "createdTime", "lastUpdatedTime", "historyEvents"],
            done.EnumerateObject().Select(p => p.Name));
        Assert.Equal("Completed", done.GetProperty("runtimeStatus").GetString());
        Assert.Equal("told", done.GetProperty("output").GetString());
        Assert.Equal(1, done.GetProperty("input").GetInt32());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", done.GetProperty("createdTime").GetString());
        Assert.Equal(HttpStatusCode.Gone, (await http.PostAsJsonAsync(raise, "late")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsJsonAsync(raise.Replace("/one/", "/none/"), "x")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("instances/none?code=key")).StatusCode);
    }

    [Fact, Promise("4.1", "4.2")]
    public async Task A_start_can_wait_for_the_output_and_what_cannot_be_started_is_refused()
    {
        var echo = await http.PostAsJsonAsync("orchestrators/Echo?code=key&timeout=10&pollingInterval=1", "hi");
        Assert.Equal(HttpStatusCode.OK, echo.StatusCode);
        Assert.Equal("HI", await echo.Content.ReadFromJsonAsync<string>());
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("orchestrators/Waits?code=key&timeout=0.1&pollingInterval=0.1"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("orchestrators/Nobody?code=key"));
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync("orchestrators/Echo?code=key", new StringContent("{"))).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("orchestrators/Waits/taken?code=key"));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("orchestrators/Waits/taken?code=key"));
    }

    [Fact, Promise("4.7")]
    public async Task Steering_is_accepted_while_the_instance_runs()
    {
        await PostAsync("orchestrators/Waits/held?code=key");
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("instances/held/suspend?code=key&reason=lunch"));
        Assert.Equal("Suspended", (await StatusAsync("held")).GetProperty("runtimeStatus").GetString());
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("instances/held/resume?code=key"));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("instances/held/terminate?code=key&reason=enough"));
        Assert.Equal("enough", (await StatusAsync("held")).GetProperty("output").GetString());
        foreach (var verb in new[] { "suspend", "resume", "terminate" })
        {
            Assert.Equal(HttpStatusCode.Gone, await PostAsync($"instances/held/{verb}?code=key"));
            Assert.Equal(HttpStatusCode.NotFound, await PostAsync($"instances/none/{verb}?code=key"));
        }
    }

    [Fact, Promise("4.3", "4.8", "4.9")]
    public async Task A_failed_instance_can_be_an_error_be_rewound_and_be_started_again()
    {
        var failed = await http.PostAsJsonAsync("orchestrators/Echo/bad?code=key&timeout=10&pollingInterval=1", "mend me");
        Assert.Equal(HttpStatusCode.OK, failed.StatusCode);
        Assert.Equal("Failed", (await failed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runtimeStatus").GetString());
        var asError = await http.GetAsync("instances/bad?code=key&returnInternalServerErrorOnFailure=true");
        Assert.Equal(HttpStatusCode.InternalServerError, asError.StatusCode);
        broken = false;
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("instances/bad/rewind?code=key&reason=mended"));
        Assert.Equal("MEND ME", (await Hub.FinishAsync("bad")).ReadOutputAs<string>());
        Assert.Equal(HttpStatusCode.Gone, await PostAsync("instances/bad/rewind?code=key"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync("instances/none/rewind?code=key"));

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("instances/none/restart?code=key"));
        var again = await http.PostAsync("instances/bad/restart?code=key", null);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        var id = (await again.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        Assert.NotEqual("bad", id);
        Assert.Equal("MEND ME", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
        await http.PostAsync("instances/bad/restart?code=key&restartWithNewInstanceId=false", null);
        Assert.Equal("MEND ME", (await Hub.FinishAsync("bad")).ReadOutputAs<string>());
    }

    [Fact, Promise("4.10")]
    public async Task The_status_shows_the_history_with_or_without_its_data_and_leaves_the_input_out_when_told()
    {
        await http.PostAsJsonAsync("orchestrators/Echo/shown?code=key&timeout=10&pollingInterval=1", "hi");
        var bare = (await StatusAsync("shown", "&showHistory=true&showInput=false"));
        Assert.Equal(JsonValueKind.Null, bare.GetProperty("input").ValueKind);
        JsonElement[] events = [.. bare.GetProperty("historyEvents").EnumerateArray()];
        Assert.Equal(["ExecutionStarted", "TaskCompleted", "ExecutionCompleted"], events.Select(e => e.GetProperty("EventType").GetString()));
        Assert.Equal("Shout", events[1].GetProperty("FunctionName").GetString());
        Assert.True(events[1].GetProperty("ScheduledTime").GetDateTime() <= events[1].GetProperty("Timestamp").GetDateTime());
        Assert.False(events[1].TryGetProperty("Result", out _));
        var whole = await StatusAsync("shown", "&showHistory=true&showHistoryOutput=true");
        Assert.Equal("HI", whole.GetProperty("historyEvents")[1].GetProperty("Result").GetString());
        Assert.Equal(JsonValueKind.Null, (await StatusAsync("shown")).GetProperty("historyEvents").ValueKind);
    }

    [Fact, Promise("4.4", "4.5")]
    public async Task Lists_are_filtered_and_paged_and_purges_say_how_many()
    {
        foreach (var id in new[] { "a1", "a2", "a3" }) await http.PostAsJsonAsync($"orchestrators/Echo/{id}?code=key&timeout=10&pollingInterval=1", id);
        await PostAsync("orchestrators/Waits/b1?code=key");
        Assert.Equal(["a1", "a2", "a3"], await ListAsync("&instanceIdPrefix=a&runtimeStatus=Completed,Failed"));
        Assert.Equal(["b1"], await ListAsync("&runtimeStatus=Running"));
        Assert.Empty(await ListAsync("&createdTimeTo=2020-01-01T00:00:00Z"));
        var first = await http.GetAsync("instances?code=key&top=3");
        var next = new HttpRequestMessage(HttpMethod.Get, "instances?code=key&top=3");
        next.Headers.Add("x-ms-continuation-token", first.Headers.GetValues("x-ms-continuation-token"));
        Assert.Equal(1, (await (await http.SendAsync(next)).Content.ReadFromJsonAsync<JsonElement>()).GetArrayLength());

        Assert.Equal("{\"instancesDeleted\":1}", await (await http.DeleteAsync("instances/a1?code=key")).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await http.DeleteAsync("instances/a1?code=key")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.DeleteAsync("instances?code=key")).StatusCode);
        var since = "instances?code=key&createdTimeFrom=2020-01-01T00:00:00Z";
        Assert.Equal("{\"instancesDeleted\":2}", await (await http.DeleteAsync(since)).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await http.DeleteAsync(since)).StatusCode);
        Assert.Equal(["b1"], await ListAsync(""));
    }

    private async Task<HttpStatusCode> PostAsync(string path) => (await http.PostAsync(path, null)).StatusCode;

    private async Task<JsonElement> StatusAsync(string id, string query = "") =>
        await (await http.GetAsync($"instances/{id}?code=key{query}")).Content.ReadFromJsonAsync<JsonElement>();

    private async Task<string[]> ListAsync(string query) => [.. (await http.GetFromJsonAsync<JsonElement>($"instances?code=key{query}"))
        .EnumerateArray().Select(i => i.GetProperty("instanceId").GetString()!)];
}
