using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Reporting;
using Tpo.Shared.Storage;
using Tpo.Tests.Unit.Serving.Remote;

namespace Tpo.Tests.Integration.Benchmarks;

/// <summary>A model behind an endpoint on a suite whose free answers another one there judges: a server of ours that speaks the protocol, and fails now and then.</summary>
public sealed class EndpointBenchmarkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-endpoint-").FullName;
    private int _requests;

    [Fact]
    public async Task It_is_asked_with_and_without_pictures_judged_and_never_latest()
    {
        await using var server = await ChatServer.StartAsync(AnswerAsync);
        var connection = await SharedAzurite.TakeConnectionStringAsync();
        var storage = TpoStorage.FromConnectionString(connection);
        await storage.EnsureContainersAsync();
        await RandomModels.RegisterAsync(storage, "base", 1);
        await TenSuites.PutAsync(storage, _folder);
        var settings = new Dictionary<string, string> { ["Tpo__NightlySchedule"] = "0 0 2 * * *", ["Tpo__FramesPerVideo"] = "4", ["Tpo__BaseModel"] = "base" };
        foreach (var (role, model) in new[] { ("Text", "judge-lm"), ("Benchmark", "big/vlm") })
        {
            settings[$"Tpo__Models__{role}__Endpoint"] = server.Settings.Endpoint;
            settings[$"Tpo__Models__{role}__Model"] = model;
            settings[$"Tpo__Models__{role}__Key"] = ChatServer.Key;
            settings[$"Tpo__Models__{role}__BackoffSeconds"] = "0.05";
        }
        await using var app = new BareApp(connection, _folder, settings);
        await app.StartAsync();

        var gated = await app.Http.PostAsJsonAsync("/api/benchmarks", new { suite = "eventhallusion", models = new[] { "base", "endpoint" }, gate = true });
        Assert.Equal(HttpStatusCode.BadRequest, gated.StatusCode);
        Assert.Contains("is no registered one", await gated.Content.ReadAsStringAsync());

        var response = await app.Http.PostAsJsonAsync("/api/benchmarks", new { suite = "eventhallusion", models = new[] { "base", "endpoint" }, textOnly = true });
        var location = response.Headers.Location!.OriginalString;
        var run = await House.EventuallyAsync("the run ends", TimeSpan.FromMinutes(3), async () =>
            await app.Http.GetFromJsonAsync<BenchmarkRun>(location, TpoJson.Options) is { IsFinal: true } seen ? seen : null);
        Assert.True(run.Status == BenchmarkStatus.Succeeded, run.Failure + app.Log);
        Assert.Equal(["base", "endpoint@big_vlm"], run.Models);
        Assert.Equal($"remote:{new Uri(server.Settings.Endpoint).Authority}", run.Revisions[1]);

        // It says yes to every question of yes or no; the judge takes its descriptions, and none of the random model's.
        var report = await storage.ReadJsonAsync<BenchmarkReport>(Containers.Reports, ReportBlobs.Json(run.Folder));
        Assert.Equal(("judge-lm", 0, 0), (report.Judge, report.Result.Unjudged, report.Result.Errors));
        var free = report.Answers.Where(answer => answer.QuestionId.EndsWith("_description", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, free.Count);
        Assert.All(free, answer => Assert.Equal((false, true), (answer.Base.Right, answer.Tuned.Right)));
        Assert.All(report.Answers.Except(free), answer => Assert.Equal("Yes.", answer.Tuned.Letter));
        Assert.Contains(report.TextOnly, row => row.ModelId == "endpoint@big_vlm");
        Assert.Contains("who serves it may change it", report.Models[1].Note);

        // Scored again it asks neither the model nor the judge.
        var asked = _requests;
        (await app.Http.PostAsync($"{location}/score", null)).EnsureSuccessStatusCode();
        Assert.Equal(asked, _requests);
        Assert.All(server.Received.Select(request => request.Body).Where(body => (string)body["model"]! == "big/vlm").Select(Pictures), count => Assert.Contains(count, new[] { 0, 4 }));
    }

    private Task AnswerAsync(HttpContext context)
    {
        var body = (JsonNode)context.Items[ChatServer.Body]!;
        var reply = Interlocked.Increment(ref _requests) % 9 == 0 ? Replies.Status(503)
            : (string)body["model"]! == "judge-lm" ? Replies.Text(body.ToJsonString().Contains("SHAPES-IN-TURN") ? "**Yes**, it does." : "No.")
            : Replies.Text(body.ToJsonString().Contains("describe this video") ? "SHAPES-IN-TURN" : "Yes, it is.");
        return reply(context);
    }

    private static int Pictures(JsonNode body) => body["messages"]!.AsArray()[^1]!["content"] is JsonArray parts ? parts.Count(part => (string)part!["type"]! == "image_url") : 0;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
