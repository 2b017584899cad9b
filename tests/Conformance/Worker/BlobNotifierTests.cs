using Azure.Storage.Blobs;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

[Collection(FunctionAppCollection.Name)]
public sealed class BlobNotifierTests(AzuriteFixture azurite)
{
    [Theory, Promise("5.7")]
    [InlineData(0.02, 1)]
    [InlineData(0.1, 1)]
    [InlineData(2, 18)]
    public void Listing_takes_at_most_a_tenth_of_the_time(double listingSeconds, double pauseSeconds) =>
        Assert.Equal(pauseSeconds, BlobNotifier.PauseAfter(TimeSpan.FromSeconds(listingSeconds)).TotalSeconds, 6);

    [Fact, Promise("5.2")]
    public async Task Receipts_survive_a_restart_and_compaction_keeps_those_of_living_blobs()
    {
        var store = new BlobContainerClient(azurite.NewAccount(), "azure-webjobs-hosts");
        var first = new BlobReceipts(store, "blobnotifier/app/videos", compactAfterAppends: 3);
        await first.LoadAsync(default);
        await first.AddAsync([("a b/\"ü\".mp4", "0x1"), ("gone.mp4", "0x2")], default);
        await first.AddAsync([("c.mp4", "0x3")], default);

        var second = new BlobReceipts(store, "blobnotifier/app/videos", compactAfterAppends: 3);
        await second.LoadAsync(default);
        Assert.True(second.Has("a b/\"ü\".mp4", "0x1") && second.Has("gone.mp4", "0x2") && second.Has("c.mp4", "0x3"));
        Assert.False(second.Has("c.mp4", "0x4"));
        await second.CompactAsync(new HashSet<string> { "a b/\"ü\".mp4", "c.mp4" }, default);

        var third = new BlobReceipts(store, "blobnotifier/app/videos");
        await third.LoadAsync(default);
        Assert.True(third.Has("a b/\"ü\".mp4", "0x1") && third.Has("c.mp4", "0x3"));
        Assert.False(third.Has("gone.mp4", "0x2"));
        Assert.Equal(["blobnotifier/app/videos/000002"], store.GetBlobs().Select(blob => blob.Name));
    }

    [Fact, Promise("5.2")]
    public async Task A_compaction_that_a_crash_cut_short_loses_no_receipt()
    {
        var store = new BlobContainerClient(azurite.NewAccount(), "azure-webjobs-hosts");
        var receipts = new BlobReceipts(store, "blobnotifier/app/videos");
        await receipts.LoadAsync(default);
        await receipts.AddAsync([("a.mp4", "0x1")], default);
        await store.GetBlobClient("blobnotifier/app/videos/000002").UploadAsync(BinaryData.FromString("[\"0x9\",\"half.mp4\"]\n"));

        var again = new BlobReceipts(store, "blobnotifier/app/videos");
        await again.LoadAsync(default);
        Assert.True(again.Has("a.mp4", "0x1"));
        Assert.False(again.Has("half.mp4", "0x9"));
        await again.AddAsync([("b.mp4", "0x2")], default);
        Assert.Equal(["blobnotifier/app/videos/000001"], store.GetBlobs().Select(blob => blob.Name));
    }
}
