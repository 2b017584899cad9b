using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Azure.Functions.Worker;
using static Tpo.Tests.Conformance.Worker.BlobTests;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>An Azurite of its own, so that what it is asked for is the sweeps' alone.</summary>
public sealed class BlobSweepTests(AzuriteFixture azurite, Xunit.Abstractions.ITestOutputHelper output) : IClassFixture<AzuriteFixture>
{
    private const int Blobs = 2000;

    [Fact, Promise("5.7")]
    public async Task Over_thousands_of_blobs_listing_takes_at_most_a_tenth_of_the_stores_time_and_a_new_one_is_still_found()
    {
        var storage = azurite.NewAccount();
        await FillAsync(storage, "videos");
        using var listings = new Listings(new Uri(new BlobServiceClient(storage).Uri.GetLeftPart(UriPartial.Authority)));
        await using var app = await TestApp.StartAsync(storage, [typeof(TwoContainers)]);
        await UploadAsync(storage, "videos", "first.mp4", "1");
        await app.Seen.WaitForAsync(1);
        const int few = 3;
        for (var deadline = DateTime.UtcNow.AddSeconds(60); listings.Of("/videos").Count < few && DateTime.UtcNow < deadline; await Task.Delay(20)) ;
        var seen = listings.Of("/videos");
        Assert.True(seen.Count >= few, $"Only {seen.Count} listings in a minute.");

        // Whole periods, over all containers: from the begin of one listing to the begin of a later one.
        var (from, to) = (seen[0].Started, seen[^1].Started);
        var asked = listings.Of("").Where(listing => listing.Started >= from && listing.Started < to).ToList();
        var share = asked.Sum(listing => listing.Took.TotalSeconds) / (to - from).TotalSeconds;
        output.WriteLine($"{asked.Count} listings over {Blobs} blobs took {share:P1} of {(to - from).TotalSeconds:F1} s");
        Assert.InRange(share, 0, 0.1);
    }

    private static async Task FillAsync(string storage, string container)
    {
        var client = new BlobContainerClient(storage, container);
        await client.CreateAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, Blobs), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
            await client.GetBlobClient($"{i:D5}.srt").UploadAsync(BinaryData.FromString("x"), cancellation));
    }

    private sealed class TwoContainers(Seen seen)
    {
        [Function("Videos")]
        public void Videos([BlobTrigger("videos/{name}.mp4", Source = BlobTriggerSource.EventGrid)] BlobClient blob, string name) => seen.Add(name);

        [Function("Others")]
        public void Others([BlobTrigger("others/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob) => seen.Add($"other {blob.Name}");
    }

    /// <summary>Every listing of blobs that this process asks one store for, from the request to the answer.</summary>
    private sealed class Listings : IDisposable
    {
        private readonly ConcurrentQueue<(string Path, DateTime Started, TimeSpan Took)> all = new();
        private readonly ActivityListener listener;

        public Listings(Uri store)
        {
            listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "System.Net.Http",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = request =>
                {
                    // A GET of a container, not of a blob in it. (Queries are not told.)
                    if (request.GetTagItem("url.full") is string text && new Uri(text) is var url && url.Authority == store.Authority
                        && url.Segments.Length == 3 && request.GetTagItem("http.request.method") is "GET")
                        all.Enqueue((url.AbsolutePath, request.StartTimeUtc, request.Duration));
                },
            };
            ActivitySource.AddActivityListener(listener);
        }

        public IReadOnlyList<(string Path, DateTime Started, TimeSpan Took)> Of(string container) => [.. all.Where(listing => listing.Path.EndsWith(container))];

        public void Dispose() => listener.Dispose();
    }
}
