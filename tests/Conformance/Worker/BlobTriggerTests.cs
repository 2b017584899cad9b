using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Tpo.Tests.Conformance.Worker;

[Collection(AzuriteCollection.Name)]
public sealed class BlobTriggerTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_blob_reaches_the_function_with_its_pattern_names_across_slashes_and_in_every_parameter_type()
    {
        var storage = azurite.NewAccount();
        await UploadAsync(storage, "videos", "a/b/clip.one.mp4", "hello");
        await using var app = await TestApp.StartAsync(storage, [typeof(EveryType)]);
        await app.Seen.WaitForAsync(5);
        Assert.Equal(
            ["bytes hello a/b/clip.one.mp4", "client a/b/clip.one.mp4 videos/a/b/clip.one.mp4", "data hello", "stream hello a/b/clip.one mp4", "text hello"],
            app.Seen.Notes.Order());
    }

    [Fact]
    public async Task Nothing_written_while_the_app_was_down_is_missed_and_nothing_is_announced_twice()
    {
        var storage = azurite.NewAccount();
        await UploadAsync(storage, "videos", "before.mp4", "1");
        await using (var first = await TestApp.StartAsync(storage, [typeof(OneWatcher)]))
        {
            await first.Seen.WaitForAsync(1);
            await UploadAsync(storage, "videos", "running.mp4", "2");
            Assert.Equal(["before.mp4=1", "running.mp4=2"], await first.Seen.WaitForAsync(2));
            await Task.Delay(1500); // a further sweep finds nothing new
            Assert.Equal(2, first.Seen.Notes.Count);
        }
        await UploadAsync(storage, "videos", "down.mp4", "3");
        await UploadAsync(storage, "videos", "before.mp4", "changed");
        await using var second = await TestApp.StartAsync(storage, [typeof(OneWatcher)]);
        await second.Seen.WaitForAsync(2);
        await Task.Delay(1500);
        Assert.Equal(["before.mp4=changed", "down.mp4=3"], second.Seen.Notes.Order());
    }

    [Fact]
    public async Task A_failing_blob_is_tried_five_times_and_then_is_a_poison_message_while_others_go_on()
    {
        var storage = azurite.NewAccount();
        var etag = await UploadAsync(storage, "videos", "bad.mp4", "x");
        await UploadAsync(storage, "videos", "good.mp4", "y");
        await using var app = await TestApp.StartAsync(storage, [typeof(FailsOnBad)]);
        await app.Seen.WaitForAsync(6);
        var poison = new QueueClient(storage, "webjobs-blobtrigger-poison", new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        var message = await WaitForMessageAsync(poison);
        Assert.Equal(5, app.Seen.Notes.Count(note => note == "bad.mp4"));
        Assert.Equal(1, app.Seen.Notes.Count(note => note == "good.mp4"));
        var body = JsonNode.Parse(message)!;
        Assert.Equal("Host.Functions.FailsOnBad", (string?)body["FunctionId"]);
        Assert.Equal("BlockBlob", (string?)body["BlobType"]);
        Assert.Equal("videos", (string?)body["ContainerName"]);
        Assert.Equal("bad.mp4", (string?)body["BlobName"]);
        Assert.Equal(etag, (string?)body["ETag"]);
        await Task.Delay(1500);
        Assert.Equal(6, app.Seen.Notes.Count);
    }

    [Fact]
    public async Task The_webhook_answers_the_handshake_and_delivers_events_that_match_the_path()
    {
        var storage = azurite.NewAccount();
        await using var app = await TestApp.StartAsync(storage, [typeof(OneWatcher)], null,
            "Host:Keys:blobs_extension=b");
        const string hook = "/runtime/webhooks/blobs?functionName=Host.Functions.OneWatcher";

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Stranger.PostAsJsonAsync(hook, Array.Empty<object>())).StatusCode);
        var handshake = await app.Http.PostAsJsonAsync($"{hook}&code=b", new[]
        {
            new { eventType = "Microsoft.EventGrid.SubscriptionValidationEvent", data = new { validationCode = "512d38b6" } },
        });
        Assert.Equal("512d38b6", (string?)(await handshake.Content.ReadFromJsonAsync<JsonObject>())!["validationResponse"]);

        Assert.Equal(HttpStatusCode.NotFound,
            (await app.Http.PostAsJsonAsync("/runtime/webhooks/blobs?functionName=Host.Functions.Nobody&code=b", Array.Empty<object>())).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.PostAsJsonAsync($"{hook}&code=b", new { no = "array" })).StatusCode);

        // An event of another container is accepted and ignored: it is not on the path of this function.
        var etag = await UploadAsync(storage, "videos-archive", "x.mp4", "z");
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.PostAsJsonAsync($"{hook}&code=b", Created("videos-archive", "x.mp4", etag))).StatusCode);
        etag = await UploadAsync(storage, "videos", "folder/real name.mp4", "by event or sweep");
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.PostAsJsonAsync($"{hook}&code=b", Created("videos", "folder/real name.mp4", etag))).StatusCode);
        Assert.Equal("folder/real name.mp4=by event or sweep", (await app.Seen.WaitForAsync(1))[0]);
        Assert.DoesNotContain(app.Seen.Notes, note => note.StartsWith('x'));
    }

    [Fact]
    public async Task A_message_whose_blob_is_gone_is_dropped_without_poison()
    {
        var storage = azurite.NewAccount();
        await using var app = await TestApp.StartAsync(storage, [typeof(OneWatcher)]);
        var hook = "/runtime/webhooks/blobs?functionName=Host.Functions.OneWatcher";
        await app.Http.PostAsJsonAsync(hook, Created("videos", "vanished.mp4", "0x1"));
        await UploadAsync(storage, "videos", "there.mp4", "1");
        Assert.Equal(["there.mp4=1"], await app.Seen.WaitForAsync(1));
        Assert.False(await new QueueClient(storage, "webjobs-blobtrigger-poison").ExistsAsync());
    }

    private static object[] Created(string container, string blob, string etag) =>
    [
        new
        {
            eventType = "Microsoft.Storage.BlobCreated",
            subject = $"/blobServices/default/containers/{container}/blobs/{blob}",
            data = new { api = "PutBlob", eTag = etag, blobType = "BlockBlob", url = $"http://anywhere/{container}/{blob}" },
        },
    ];

    private static async Task<string> UploadAsync(string storage, string container, string blob, string text)
    {
        var client = new BlobContainerClient(storage, container);
        await client.CreateIfNotExistsAsync();
        return (await client.GetBlobClient(blob).UploadAsync(BinaryData.FromString(text), overwrite: true)).Value.ETag.ToString().Trim('"');
    }

    private static async Task<string> WaitForMessageAsync(QueueClient queue)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < deadline; await Task.Delay(50))
            if (await queue.ExistsAsync() && (await queue.ReceiveMessageAsync()).Value is { } message)
                return message.Body.ToString();
        throw new TimeoutException($"No message came into {queue.Name}.");
    }

    private sealed class EveryType(Seen seen)
    {
        [Function("Text")]
        public void Text([BlobTrigger("videos", Source = BlobTriggerSource.EventGrid)] string blob) => seen.Add($"text {blob}");

        [Function("Bytes")]
        public void Bytes([BlobTrigger("videos/{name}", Source = BlobTriggerSource.EventGrid)] byte[] blob, string name) =>
            seen.Add($"bytes {System.Text.Encoding.UTF8.GetString(blob)} {name}");

        [Function("Stream")]
        public async Task Stream([BlobTrigger("videos/{name}.{ext}", Source = BlobTriggerSource.EventGrid)] Stream blob, string name, string ext) =>
            seen.Add($"stream {await new StreamReader(blob).ReadToEndAsync()} {name} {ext}");

        [Function("Data")]
        public void Data([BlobTrigger("videos/{name}", Source = BlobTriggerSource.LogsAndContainerScan)] BinaryData blob) => seen.Add($"data {blob}");

        [Function("Client")]
        public void Client([BlobTrigger("videos/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob, string blobTrigger) =>
            seen.Add($"client {blob.Name} {blobTrigger}");

        [Function("OtherKind")]
        public void OtherKind([BlobTrigger("videos/{name}.srt", Source = BlobTriggerSource.EventGrid)] string blob) => seen.Add($"subtitles {blob}");
    }

    private sealed class OneWatcher(Seen seen)
    {
        [Function("OneWatcher")]
        public void Run([BlobTrigger("videos/{name}", Source = BlobTriggerSource.EventGrid)] string blob, string name) => seen.Add($"{name}={blob}");
    }

    private sealed class FailsOnBad(Seen seen)
    {
        [Function("FailsOnBad")]
        public void Run([BlobTrigger("videos/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob, string name)
        {
            seen.Add(name);
            if (name == "bad.mp4")
                throw new InvalidDataException("no video");
        }
    }
}
