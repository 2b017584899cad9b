using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using static Tpo.Tests.Conformance.Worker.BlobTests;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class BlobWebhookTests(AzuriteFixture azurite)
{
    private const string Hook = "/runtime/webhooks/blobs?functionName=Host.Functions.";
    private const string Watcher = $"{Hook}OneWatcher";

    [Fact, Promise("5.6", "2.5.3")]
    public async Task The_webhook_needs_its_key_answers_the_handshake_and_refuses_what_is_no_event()
    {
        await using var app = await StartAsync(azurite.NewAccount());
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Stranger.PostAsJsonAsync(Watcher, Array.Empty<object>())).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await app.Stranger.PostAsJsonAsync($"{Watcher}&code={LeastKey.Durable}", Array.Empty<object>())).StatusCode);
        var handshake = await app.Stranger.PostAsJsonAsync($"{Watcher}&code={LeastKey.Blobs}", new[]
        {
            new { eventType = "Microsoft.EventGrid.SubscriptionValidationEvent", data = new { validationCode = "512d38b6" } },
        });
        Assert.Equal("512d38b6", (string?)(await handshake.Content.ReadFromJsonAsync<JsonObject>())!["validationResponse"]);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsJsonAsync($"{Hook}Nobody", Array.Empty<object>())).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.PostAsJsonAsync(Watcher, new { no = "array" })).StatusCode);
    }

    [Fact, Promise("5.6")]
    public async Task An_event_that_matches_the_path_is_delivered_and_another_is_accepted_and_ignored()
    {
        var storage = azurite.NewAccount();
        await using var app = await StartAsync(storage);
        var etag = await UploadAsync(storage, "videos-archive", "x.mp4", "z");
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.PostAsJsonAsync(Watcher, Created("videos-archive", "x.mp4", etag))).StatusCode);
        etag = await UploadAsync(storage, "videos", "folder/real name.mp4", "by event or sweep");
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.PostAsJsonAsync(Watcher, Created("videos", "folder/real name.mp4", etag))).StatusCode);
        Assert.Equal("folder/real name.mp4=by event or sweep", (await app.Seen.WaitForAsync(1))[0]);
        Assert.DoesNotContain(app.Seen.Notes, note => note.StartsWith('x'));
    }

    [Fact, Promise("5.3")]
    public async Task A_message_whose_blob_or_function_is_gone_is_dropped_without_poison()
    {
        var storage = azurite.NewAccount();
        await using var app = await StartAsync(storage);
        await app.Http.PostAsJsonAsync(Watcher, Created("videos", "vanished.mp4", "0x1"));
        await UploadAsync(storage, "videos", "there.mp4", "1");
        await Inbox(storage).SendMessageAsync(
            """{"FunctionId":"Host.Functions.Nobody","BlobType":"BlockBlob","ContainerName":"videos","BlobName":"there.mp4","ETag":"0x1"}""");
        Assert.Equal(["there.mp4=1"], await app.Seen.WaitForAsync(1));
        await WaitUntilEmptyAsync(Inbox(storage));
        Assert.False(await Poison(storage).ExistsAsync());
    }

    [Theory, Promise("5.3")]
    [InlineData(typeof(BlobTriggerTests.Scanner), 1)] // the newer version has a message of its own
    [InlineData(typeof(BlobTriggerTests.OneWatcher), 2)] // an event is delivered, whatever the blob is by now
    public async Task A_message_about_an_older_version_is_dropped_by_the_scanning_source_only(Type function, int runs)
    {
        var storage = azurite.NewAccount();
        await UploadAsync(storage, "videos", "clip.mp4", "new");
        await using var app = await TestApp.StartAsync(storage, [function]);
        await app.Seen.WaitForAsync(1);
        Assert.Equal(HttpStatusCode.Accepted,
            (await app.Http.PostAsJsonAsync($"{Hook}{function.Name}", Created("videos", "clip.mp4", "0xOLD"))).StatusCode);
        await WaitUntilEmptyAsync(Inbox(storage));
        Assert.Equal(Enumerable.Repeat("clip.mp4=new", runs), app.Seen.Notes);
    }

    private static Task<TestApp> StartAsync(string storage) => TestApp.StartAsync(storage, [typeof(BlobTriggerTests.OneWatcher)]);
}
