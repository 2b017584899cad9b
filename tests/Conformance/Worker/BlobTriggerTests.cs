using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using static Tpo.Tests.Conformance.Worker.BlobTests;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class BlobTriggerTests(AzuriteFixture azurite)
{
    [Fact, Promise("5.8", "5.1", "2.3.3")]
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

    [Theory, Promise("5.1", "5.2", "5.7")]
    [InlineData(typeof(Scanner))]
    [InlineData(typeof(OneWatcher))]
    public async Task Nothing_written_while_the_app_was_down_is_missed_and_nothing_is_announced_twice(Type function)
    {
        var storage = azurite.NewAccount();
        await UploadAsync(storage, "videos", "before.mp4", "1");
        await using (var first = await TestApp.StartAsync(storage, [function]))
        {
            await first.Seen.WaitForAsync(1);
            await UploadAsync(storage, "videos", "running.mp4", "2");
            Assert.Equal(["before.mp4=1", "running.mp4=2"], await first.Seen.WaitForAsync(2));
            await Task.Delay(1200); // a further sweep finds nothing new
            Assert.Equal(2, first.Seen.Notes.Count);
        }
        await UploadAsync(storage, "videos", "down.mp4", "3");
        await UploadAsync(storage, "videos", "before.mp4", "changed");
        await using var second = await TestApp.StartAsync(storage, [function]);
        await second.Seen.WaitForAsync(2);
        await Task.Delay(1200);
        Assert.Equal(["before.mp4=changed", "down.mp4=3"], second.Seen.Notes.Order());
    }

    [Fact, Promise("5.2")]
    public async Task Receipts_belong_to_the_host_id_another_one_sees_every_blob_again()
    {
        var storage = azurite.NewAccount();
        await UploadAsync(storage, "videos", "clip.mp4", "1");
        await using (var first = await TestApp.StartAsync(storage, [typeof(OneWatcher)]))
            await first.Seen.WaitForAsync(1);
        await using var second = await TestApp.StartAsync(storage, [typeof(OneWatcher)], null, "AzureFunctionsWebHost:hostid=moved");
        Assert.Equal(["clip.mp4=1"], await second.Seen.WaitForAsync(1));
    }

    [Fact, Promise("5.4")]
    public async Task A_failing_blob_is_tried_five_times_and_then_is_a_poison_message_while_others_go_on()
    {
        var storage = azurite.NewAccount();
        var etag = await UploadAsync(storage, "videos", "bad.mp4", "x");
        await UploadAsync(storage, "videos", "good.mp4", "y");
        // The dequeue limit and the delay of the queue trigger are not the blob trigger's.
        await using var app = await TestApp.StartAsync(storage, [typeof(FailsOnBad)], null,
            "AzureFunctionsJobHost:extensions:queues:maxDequeueCount=2", "AzureFunctionsJobHost:extensions:queues:visibilityTimeout=00:10:00");
        await app.Seen.WaitForAsync(6);
        var body = JsonNode.Parse(await WaitForMessageAsync(Poison(storage)))!.AsObject();
        Assert.Equal(5, app.Seen.Notes.Count(note => note == "bad.mp4"));
        Assert.Equal(1, app.Seen.Notes.Count(note => note == "good.mp4"));
        Assert.Equal(["FunctionId", "BlobType", "ContainerName", "BlobName", "ETag"], body.Select(member => member.Key));
        Assert.Equal(["Host.Functions.FailsOnBad", "BlockBlob", "videos", "bad.mp4", etag], body.Select(member => (string?)member.Value));
        await WaitUntilEmptyAsync(Inbox(storage));
        Assert.Equal(6, app.Seen.Notes.Count);
    }

    [Fact, Promise("5.4")]
    public async Task PoisonBlobThreshold_sets_the_attempts_and_the_poison_message_lies_in_the_blobs_own_account()
    {
        var (storage, archive) = (azurite.NewAccount(), azurite.NewAccount());
        await UploadAsync(archive, "videos", "bad.mp4", "x");
        await using var app = await TestApp.StartAsync(storage, [typeof(Archivist)], null,
            $"Archive={archive}", "AzureFunctionsJobHost:extensions:blobs:poisonBlobThreshold=2");
        Assert.Contains("bad.mp4", await WaitForMessageAsync(Poison(archive)));
        Assert.Equal(["x", "x"], app.Seen.Notes);
        Assert.False(await Poison(storage).ExistsAsync());
    }

    [Fact, Promise("5.5")]
    public async Task No_more_blobs_than_maxDegreeOfParallelism_are_worked_on_over_all_functions()
    {
        var storage = azurite.NewAccount();
        foreach (var name in new[] { "a", "b", "c" })
            await UploadAsync(storage, "videos", name, name);
        await using var app = await TestApp.StartAsync(storage, [typeof(TwoSlow)], null,
            "AzureFunctionsJobHost:extensions:blobs:maxDegreeOfParallelism=2");
        Assert.Equal("2", (await app.Seen.WaitForAsync(6)).Max());
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

    internal sealed class OneWatcher(Seen seen)
    {
        [Function("OneWatcher")]
        public void Run([BlobTrigger("videos/{name}", Source = BlobTriggerSource.EventGrid)] string blob, string name) => seen.Add($"{name}={blob}");
    }

    internal sealed class Scanner(Seen seen)
    {
        [Function("Scanner")]
        public void Run([BlobTrigger("videos/{name}")] string blob, string name) => seen.Add($"{name}={blob}");
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

    private sealed class Archivist(Seen seen)
    {
        [Function("Archivist")]
        public void Run([BlobTrigger("videos/{name}", Connection = "Archive", Source = BlobTriggerSource.EventGrid)] string blob)
        {
            seen.Add(blob);
            throw new InvalidDataException("unreadable");
        }
    }

    private sealed class TwoSlow(Seen seen)
    {
        private static int running;

        [Function("SlowOne")]
        public Task One([BlobTrigger("videos/{name}", Source = BlobTriggerSource.EventGrid)] string blob) => WorkAsync();

        [Function("SlowTwo")]
        public Task Two([BlobTrigger("videos/{name}")] string blob) => WorkAsync();

        private async Task WorkAsync()
        {
            seen.Add($"{Interlocked.Increment(ref running)}");
            await Task.Delay(300);
            Interlocked.Decrement(ref running);
        }
    }
}
