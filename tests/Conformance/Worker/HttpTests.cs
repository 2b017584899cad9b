using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class HttpTests(AzuriteFixture azurite)
{
    [Fact, Promise("2.4.1", "2.4.2", "2.3.3")]
    public async Task Route_query_and_defaults_reach_parameters_by_name_and_attribute()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Orders)]);
        var order = await app.Http.GetFromJsonAsync<JsonObject>("/api/orders/6f9619ff-8b86-d011-b42d-00c04fc964ff?size=7&q=a%20b");
        Assert.Equal("6f9619ff-8b86-d011-b42d-00c04fc964ff", (string?)order!["id"]);
        Assert.Equal(7, (int?)order["size"]);
        Assert.Equal(1, (int?)order["page"]);
        Assert.Equal("a b", (string?)order["search"]);
        Assert.Equal("GET", (string?)order["method"]);
    }

    [Fact, Promise("2.4.1", "2.4.3")]
    public async Task A_route_constraint_that_fails_is_404_and_a_value_that_does_not_convert_is_400_with_its_name()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Orders)]);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/api/orders/not-a-guid")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/orders/6f9619ff-8b86-d011-b42d-00c04fc964ff")).StatusCode);
        var wrong = await app.Http.GetAsync("/api/orders/6f9619ff-8b86-d011-b42d-00c04fc964ff?size=many");
        await AssertProblemAsync(wrong, HttpStatusCode.BadRequest, "size");
    }

    [Fact, Promise("2.4.2")]
    public async Task A_body_is_read_with_the_configured_json_and_a_bad_one_is_400_naming_the_field()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Orders)], app => app.Services.Configure<JsonOptions>(
            mvc => mvc.JsonSerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower));
        var made = await app.Http.PostAsync("/api/orders", Json("""{"item_name":"lens","item_count":2}"""));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("/api/orders/1", made.Headers.Location?.ToString());
        Assert.Equal("""{"item_name":"lens","item_count":2}""", await made.Content.ReadAsStringAsync());

        await AssertProblemAsync(await app.Http.PostAsync("/api/orders", Json("""{"item_name":"lens","item_count":"two"}""")),
            HttpStatusCode.BadRequest, "item_count");
        await AssertProblemAsync(await app.Http.PostAsync("/api/orders", Json("{")), HttpStatusCode.BadRequest, "body");
        await AssertProblemAsync(await app.Http.PostAsync("/api/orders", Json("")), HttpStatusCode.BadRequest, "body");
        await AssertProblemAsync(await app.Http.PostAsync("/api/orders", new StringContent("a=b", Encoding.UTF8, "text/csv")),
            HttpStatusCode.UnsupportedMediaType, "body");
    }

    [Fact, Promise("2.4.2")]
    public async Task Action_results_plain_results_records_and_strings_become_answers()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Answers)]);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.GetAsync("/api/Action")).StatusCode);
        var plain = await app.Http.GetAsync("/api/Plain");
        Assert.Equal(HttpStatusCode.Accepted, plain.StatusCode);
        Assert.Equal("/api/somewhere", plain.Headers.Location?.ToString());
        Assert.Equal("""{"name":"lens","count":2}""", await app.Http.GetStringAsync("/api/Record"));
        Assert.Equal("hello", await app.Http.GetStringAsync("/api/Text"));
        var part = new HttpRequestMessage(HttpMethod.Get, "/api/Bytes") { Headers = { Range = new(2, 4) } };
        var ranged = await app.Http.SendAsync(part);
        Assert.Equal(HttpStatusCode.PartialContent, ranged.StatusCode);
        Assert.Equal("cde", await ranged.Content.ReadAsStringAsync());
    }

    [Fact, Promise("2.4.3")]
    public async Task An_unhandled_exception_is_500_and_tells_the_caller_nothing_of_its_inside()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Answers)]);
        var failed = await app.Http.GetAsync("/api/Fails");
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.DoesNotContain("secret inside", await failed.Content.ReadAsStringAsync());
    }

    [Fact, Promise("2.4.3")]
    public async Task A_method_or_a_path_that_no_function_takes_is_404()
    {
        await using var app = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Orders)]);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.DeleteAsync("/api/orders")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/api/orders")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/api/nothing/here")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/runtime/webhooks/blobs")).StatusCode);
    }

    [Fact, Promise("2.4.1")]
    public async Task The_route_prefix_comes_from_host_json_and_can_be_empty()
    {
        const string prefix = "AzureFunctionsJobHost:extensions:http:routePrefix";
        await using var versioned = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Answers)], null, $"{prefix}=v2/shop");
        Assert.Equal("hello", await versioned.Http.GetStringAsync("/v2/shop/Text"));
        Assert.Equal(HttpStatusCode.NotFound, (await versioned.Http.GetAsync("/api/Text")).StatusCode);
        await using var bare = await TestApp.StartAsync(azurite.NewAccount(), [typeof(Answers)], null, $"{prefix}=");
        Assert.Equal("hello", await bare.Http.GetStringAsync("/Text"));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string field)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal([field], problem!["errors"]!.AsObject().Select(e => e.Key));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    internal sealed record Order(string ItemName, int ItemCount);

    internal sealed record Item(string Name, int Count);

    private static class Orders
    {
        [Function("GetOrder")]
        public static IActionResult Get(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "orders/{id:guid}")] HttpRequest request, Guid id,
            [FromQuery] int size, [FromQuery(Name = "q")] string? search, FunctionContext context, int page = 1) =>
            new OkObjectResult(new { id, size, page, search, method = context.GetHttpContext()!.Request.Method });

        [Function("MakeOrder")]
        public static IActionResult Make(
            [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "orders")] HttpRequest request, [FromBody] Order order) =>
            new CreatedResult("/api/orders/1", order);
    }

    private static class Answers
    {
        [Function("Action")]
        public static IActionResult Action([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new NoContentResult();

        [Function("Plain")]
        public static Task<IResult> Plain([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Task.FromResult(Results.Accepted("/api/somewhere"));

        [Function("Record")]
        public static async ValueTask<Item> Record([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            return new Item("lens", 2);
        }

        [Function("Text")]
        public static string Text([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => "hello";

        [Function("Bytes")]
        public static IActionResult Bytes([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            new FileContentResult("abcdef"u8.ToArray(), "text/plain") { EnableRangeProcessing = true };

        [Function("Fails")]
        public static IActionResult Fails([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            throw new InvalidOperationException("secret inside");
    }
}
