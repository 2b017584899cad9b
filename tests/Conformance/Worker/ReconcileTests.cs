using System.Net.Http.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Tpo.Functions.Curation;
using Tpo.Shared;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>The product's own timer, with the curation itself played by the test.</summary>
[Collection(FunctionAppCollection.Name)]
public sealed class ReconcileTests(AzuriteFixture azurite)
{
    [Fact, Promise("5.9")]
    public async Task An_upload_whose_event_was_lost_is_found_by_the_reconcile_timer_and_curated_once()
    {
        var storage = azurite.NewAccount();
        var tpo = TpoStorage.FromConnectionString(storage);
        await tpo.EnsureContainersAsync();
        await using var app = await TestApp.StartAsync(storage, [typeof(ReconcileVideos), typeof(VideoUploaded), typeof(Curation)], app => app.Services
            .AddSingleton(tpo).AddSingleton<Catalog>().AddSingleton<VideoRecords>().AddSingleton<CurationStarter>()
            .AddSingleton(new TpoSettings()).AddSingleton<Ledger>().AddSingleton<Budget>(),
            "AzureWebJobs.VideoUploaded.Disabled=true"); // so every event is lost
        await BlobTests.UploadAsync(storage, Containers.Videos, "holiday.mp4", "a video");
        await BlobTests.UploadAsync(storage, Containers.Videos, "holiday.srt", "its subtitles");
        await Task.Delay(1100);
        Assert.Empty(app.Seen.Notes);

        await ReconcileAsync(app);
        Assert.Equal(["curated holiday.mp4"], await app.Seen.WaitForAsync(1));
        await ReconcileAsync(app);
        await Task.Delay(300);
        Assert.Single(app.Seen.Notes);

        // Curated with what were its subtitles then, and once more with those that are there now.
        var subtitles = (await tpo.Container(Containers.Videos).GetBlobClient("holiday.srt").GetPropertiesAsync()).Value.ETag;
        await PutCuratedAsync(tpo, CurationStarter.Version(subtitles));
        await ReconcileAsync(app);
        await PutCuratedAsync(tpo, "an earlier version");
        await ReconcileAsync(app);
        await ReconcileAsync(app);
        Assert.Equal(["curated holiday.mp4", "curated holiday.mp4"], await app.Seen.WaitForAsync(2));
        await Task.Delay(300);
        Assert.Equal(2, app.Seen.Notes.Count);
    }

    private static async Task PutCuratedAsync(TpoStorage storage, string subtitles)
    {
        var video = (await storage.Container(Containers.Videos).GetBlobClient("holiday.mp4").GetPropertiesAsync()).Value.ETag;
        await new Catalog(storage).PutAsync(Catalog.Videos, "holiday.mp4", new VideoRecord
        {
            BlobName = "holiday.mp4", ETag = CurationStarter.Version(video), InstanceId = "curated", Status = VideoStatus.Curated, SubtitlesETag = subtitles, UpdatedAt = DateTimeOffset.UtcNow,
        });
    }

    private static async Task ReconcileAsync(TestApp app) =>
        (await app.Http.PostAsJsonAsync("/admin/functions/ReconcileVideos", new { input = "" })).EnsureSuccessStatusCode();

    private sealed class Curation(Seen seen)
    {
        [Function(nameof(CurateVideo))]
        public static Task Run([OrchestrationTrigger] TaskOrchestrationContext context, Upload upload) =>
            context.CallActivityAsync(nameof(Note), upload.BlobName);

        [Function(nameof(Note))]
        public void Note([ActivityTrigger] string name) => seen.Add($"curated {name}");
    }
}
