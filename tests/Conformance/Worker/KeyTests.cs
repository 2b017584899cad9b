using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class KeyTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Without_the_switch_nobody_is_asked()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Guarded)], null, "TPO_REQUIRE_KEYS=false");
        Assert.Equal("in", await app.Stranger.GetStringAsync("/api/ForFunctions"));
        Assert.Equal("in", await app.Stranger.GetStringAsync("/api/ForAdmins"));
    }

    [Fact, Promise("2.5.1", "2.4.3")]
    public async Task A_key_is_taken_from_the_header_else_from_the_query_and_an_empty_one_is_none()
    {
        await using var app = await StartAsync();
        Assert.Equal(200, await StatusAsync(app, "/api/ForAll"));
        Assert.Equal(401, await StatusAsync(app, "/api/ForFunctions"));
        Assert.Equal(200, await StatusAsync(app, "/api/ForFunctions", "host"));
        Assert.Equal(200, await StatusAsync(app, "/api/ForFunctions?code=host"));
        Assert.Equal(401, await StatusAsync(app, "/api/ForFunctions?code=host", "wrong")); // the header wins
        Assert.Equal(200, await StatusAsync(app, "/api/ForFunctions?code=host", "")); // an empty header is none
        Assert.Equal(401, await StatusAsync(app, "/api/ForFunctions?code="));
    }

    [Theory, Promise("2.5.2")]
    [InlineData("master", "ForAll ForUsers ForFunctions ForOthers ForSystems ForAdmins")]
    [InlineData("host", "ForAll ForFunctions ForOthers")] // host keys, `default` and named, open every function
    [InlineData("partner", "ForAll ForFunctions ForOthers")]
    [InlineData("own", "ForAll ForFunctions")] // a function's own key opens that function
    [InlineData("blobs", "ForAll ForSystems")]
    [InlineData("nobody's", "ForAll")]
    public async Task A_key_opens_its_level_and_the_master_key_everything(string key, string opened)
    {
        await using var app = await StartAsync();
        var answers = new List<string>();
        foreach (var name in "ForAll ForUsers ForFunctions ForOthers ForSystems ForAdmins".Split(' '))
            if (await StatusAsync(app, $"/api/{name}", key) is var status && status == 200)
                answers.Add(name);
            else
                Assert.Equal(401, status);
        Assert.Equal(opened, string.Join(' ', answers));
    }

    [Fact, Promise("2.5.3", "2.5.2")]
    public async Task The_hosts_own_addresses_need_the_master_key_and_webhooks_the_key_of_their_extension()
    {
        await using var app = await StartAsync();
        const string admin = "/admin/host/status", durable = "/runtime/webhooks/durabletask/instances";
        Assert.Equal(200, await StatusAsync(app, admin, "master"));
        foreach (var key in new[] { "host", "own", "blobs", "" })
            Assert.Equal(401, await StatusAsync(app, admin, key));
        Assert.Equal(200, await StatusAsync(app, durable, "durable"));
        Assert.Equal(200, await StatusAsync(app, durable, "master"));
        foreach (var key in new[] { "host", "own", "blobs", "" })
            Assert.Equal(401, await StatusAsync(app, durable, key));
    }

    [Fact, Promise("2.4.3", "7.3.2")]
    public async Task A_disabled_function_is_404_for_all_but_an_administrator()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Guarded)], null,
            "AzureWebJobs.ForFunctions.Disabled=true", "AzureWebJobs:ForAll:Disabled=1");
        Assert.Equal(404, await StatusAsync(app, "/api/ForAll"));
        Assert.Equal(404, await StatusAsync(app, "/api/ForFunctions", LeastKey.Functions));
        Assert.Equal(401, await StatusAsync(app, "/api/ForFunctions"));
        Assert.Equal(200, await StatusAsync(app, "/api/ForFunctions", LeastKey.Master));
        Assert.Equal(200, await StatusAsync(app, "/api/ForOthers", LeastKey.Functions));
    }

    private Task<TestApp> StartAsync() => TestApp.StartAsync(azurite.NewAccount(), [typeof(Guarded), typeof(Chores)], null,
        "Host:Keys:master=master", "Host:Keys:default=host", "Host:Keys:partner=partner", "Host:Keys:ForFunctions:default=own",
        "Host:Keys:blobs_extension=blobs", "Host:Keys:durabletask_extension=durable");

    private static async Task<int> StatusAsync(TestApp app, string path, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("x-functions-key", key);
        return (int)(await app.Stranger.SendAsync(request)).StatusCode;
    }

    private static class Guarded
    {
        [Function("ForAll")]
        public static string All([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => "in";

        [Function("ForUsers")]
        public static string User([HttpTrigger(AuthorizationLevel.User)] HttpRequest request) => "in";

        [Function("ForFunctions")]
        public static string Function([HttpTrigger] HttpRequest request) => "in";

        [Function("ForOthers")]
        public static string Other([HttpTrigger("get")] HttpRequest request) => "in";

        [Function("ForSystems")]
        public static string System([HttpTrigger(AuthorizationLevel.System)] HttpRequest request) => "in";

        [Function("ForAdmins")]
        public static string Admin([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequest request) => "in";
    }

    private static class Chores
    {
        [Function("Chore")]
        public static string Run([ActivityTrigger] string name) => name;
    }
}
