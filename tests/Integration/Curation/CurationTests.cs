using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Exports;
using Tpo.Shared.Preferences.Local;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Curation;

/// <summary>Uploads become pairs through the real app, storage, ffmpeg and ONNX Runtime. The model's words are replaced where a test needs a model that knows something.</summary>
public sealed class CurationTests(CuratedWorld world) : IClassFixture<CuratedWorld>
{
    [Fact]
    public async Task A_model_that_captions_nonsense_makes_no_query_and_the_funnel_says_so()
    {
        var record = await world.CurateAsync("a/nonsense.mp4", await world.RenderAsync(0));

        Assert.Equal((VideoStatus.Curated, 0, 0), (record.Status, record.Kept, record.Rejected));
        var funnel = (await world.ManifestAsync(record.VideoId!)).Funnel;
        Assert.Equal(record.Segments, funnel.Segments);
        Assert.Equal(0, funnel.Candidates);
        Assert.Equal(funnel.Segments + 1, funnel.NoQuery["captions-disagree"]);
        Assert.True(funnel.Cost["captions"] is { Seconds: > 0, GeneratedTokens: > 0 });
    }

    [Fact]
    public async Task Right_captions_and_better_answers_become_pairs_a_dataset_and_pictures()
    {
        var record = await world.CurateAsIfTheModelKnewAsync("a/known.mp4", index: 1);

        var kept = await KeptOfAsync(record);
        Assert.Equal(record.Kept, kept.Count);
        Assert.Contains(kept, pair => pair.Kind == PairKind.Localized);
        Assert.Contains(kept, pair => pair.Kind == PairKind.Comprehensive);
        var funnel = (await world.ManifestAsync(record.VideoId!)).Funnel;
        Assert.Equal(funnel.Queries.Values.Sum(), funnel.Kept.Values.Sum() + funnel.Rejected.Values.Sum());

        foreach (var entry in kept)
        {
            var pair = (await world.App.Http.GetFromJsonAsync<PreferencePair>($"/api/pairs/{entry.PairId}", TpoJson.Options))!;
            Assert.Equal(pair.PairId, PairIds.Of(pair));
            Assert.True(pair.Verdict.Keep);
        }
        await ShowsItsFramesAsync(kept[0].PairId);
        await ShowsItsCaptionsAsync(kept.First(pair => pair.Kind == PairKind.Localized).PairId);
        await BuildsOneDatasetAsync(kept);

        // Another revision of the model knows nothing again: what the first one made leaves the lists.
        await world.RegisterModelAsync(seed: 2);
        await world.CurateAsync("a/known.mp4", await world.RenderAsync(1));
        Assert.Empty(await KeptOfAsync(record));
        Assert.Equal(HttpStatusCode.NotFound, (await world.App.Http.GetAsync($"/api/pairs/{kept[0].PairId}")).StatusCode);
    }

    [Fact]
    public async Task The_same_bytes_under_another_name_point_to_the_first_and_a_repeated_upload_redoes_nothing()
    {
        var file = await world.RenderAsync(2);
        var first = await world.CurateAsync("a/first.mp4", file);
        var blobs = await BlobsAsync();

        var second = await world.CurateAsync("b/second.mp4", file);
        Assert.Equal((VideoStatus.Duplicate, "a/first.mp4", first.VideoId), (second.Status, second.DuplicateOf, second.VideoId));
        var again = await world.CurateAsync("a/first.mp4", file);
        Assert.Equal((VideoStatus.Curated, first.VideoId), (again.Status, again.VideoId));
        Assert.NotEqual(first.InstanceId, again.InstanceId);
        Assert.Equal(blobs.Keys, (await BlobsAsync()).Keys);
        Assert.All((await BlobsAsync()).Where(blob => blob.Key.Contains("/captions/") || blob.Key.EndsWith("manifest.json")), blob => Assert.Equal(blobs[blob.Key], blob.Value));
        Assert.Contains($"reused: {first.VideoId}/captions/whole-", world.App.Log);
        Assert.DoesNotContain($"redone: {first.VideoId}/", world.App.Log);

        var detail = await world.App.Http.GetFromJsonAsync<JsonElement>("/api/videos/b%2Fsecond.mp4");
        Assert.Equal(["a/first.mp4", "b/second.mp4"], detail.GetProperty("names").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_kill_in_the_middle_changes_nothing_that_decides_a_pair()
    {
        var record = await world.CurateAsIfTheModelKnewAsync("a/whole.mp4", index: 3);
        var undisturbed = await world.JudgedAsync(record.VideoId!);
        Assert.NotEmpty(undisturbed);

        // All answers again, by the model itself this time, and once more with the app killed between them.
        var runs = new List<IReadOnlyList<string>>();
        foreach (var kills in new[] { 0, 2 })
        {
            await world.ForgetAnswersAsync(record.VideoId!);
            await world.Storage.UploadFileAsync(Containers.Videos, "a/whole.mp4", await world.RenderAsync(3));
            for (var kill = 0; kill < kills; kill++)
            {
                var wanted = 2 * kill + 1;
                await House.EventuallyAsync("some answers are stored", TimeSpan.FromMinutes(2), async () =>
                    (await world.Storage.ListAsync(Containers.Curation, $"{record.VideoId}/answers/")).Count >= wanted ? "yes" : null);
                await world.App.KillAsync();
                await world.App.StartAsync();
            }
            await world.EndOfAsync("a/whole.mp4");
            runs.Add(await world.JudgedAsync(record.VideoId!));
        }
        Assert.Equal(undisturbed.Count, runs[0].Count);
        Assert.NotEqual(undisturbed, runs[0]);
        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public async Task What_is_no_video_and_what_the_trigger_gave_up_end_as_failed_records_and_subtitles_as_none()
    {
        await world.Storage.WriteTextAsync(Containers.Videos, "bad/talk.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello\n", "text/plain");
        await world.Storage.WriteTextAsync(Containers.Videos, "bad/notes.mp4", "no video", "video/mp4");
        await world.PoisonAsync("""{"Type":"BlobTrigger","FunctionId":"VideoUploaded","BlobType":"BlockBlob","ContainerName":"videos","BlobName":"bad/poison.mp4","ETag":"\"0x1\""}""");

        Assert.Equal(VideoStatus.Failed, (await world.EndOfAsync("bad/notes.mp4")).Status);
        var poison = await House.EventuallyAsync("the poison message has a record", TimeSpan.FromMinutes(2), () => world.Catalog.FindAsync<VideoRecord>(Catalog.Videos, "bad/poison.mp4"));
        Assert.Equal((VideoStatus.Failed, "0x1"), (poison.Status, poison.ETag));
        Assert.Null(await world.Catalog.FindAsync<VideoRecord>(Catalog.Videos, "bad/talk.srt"));
        Assert.Equal(HttpStatusCode.NotFound, (await world.App.Http.GetAsync("/api/videos/bad%2Fnothing.mp4")).StatusCode);
    }

    private async Task ShowsItsFramesAsync(string pairId)
    {
        foreach (var side in new[] { "chosen", "rejected" })
        {
            var png = await world.App.Http.GetByteArrayAsync($"/api/pairs/{pairId}/frames/{side}/0.png");
            Assert.Equal("PNG"u8.ToArray(), png[1..4]);
            Assert.Equal((160, 160), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await world.App.Http.GetAsync($"/api/pairs/{pairId}/frames/chosen/99.png")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await world.App.Http.GetAsync($"/api/pairs/{pairId}/frames/other/0.png")).StatusCode);
    }

    private async Task ShowsItsCaptionsAsync(string pairId)
    {
        var pair = (await world.App.Http.GetFromJsonAsync<PreferencePair>($"/api/pairs/{pairId}", TpoJson.Options))!;
        var evidence = (await world.App.Http.GetFromJsonAsync<PairEvidence>($"/api/pairs/{pairId}/evidence", TpoJson.Options))!;
        Assert.All(evidence.Captions, caption => Assert.InRange(caption.TimeSeconds, pair.Segment!.Start, pair.Segment.End));
        Assert.All(evidence.Elsewhere, caption => Assert.False(caption.TimeSeconds >= pair.Segment!.Start && caption.TimeSeconds < pair.Segment.End));
        Assert.NotEmpty(evidence.Captions);
        Assert.NotEmpty(evidence.Elsewhere);
        Assert.Equal(HttpStatusCode.NotFound, (await world.App.Http.GetAsync("/api/pairs/none/evidence")).StatusCode);
    }

    private async Task BuildsOneDatasetAsync(IReadOnlyList<PairEntry> kept)
    {
        var cards = new List<DatasetCard>();
        for (var i = 0; i < 2; i++)
            cards.Add((await (await world.App.Http.PostAsJsonAsync("/api/datasets", new { name = "made" })).Content.ReadFromJsonAsync<DatasetCard>(TpoJson.Options))!);
        Assert.Equal((cards[0].Version, cards[0].CreatedAt), (cards[1].Version, cards[1].CreatedAt));
        Assert.Single(await PageAsync<DatasetCard>("/api/datasets"));
        Assert.Equal(cards[0].Pairs, cards[0].Hygiene!.Lengths.Values.Sum(kind => kind.Pairs));
        Assert.InRange(cards[0].Hygiene!.LengthShortcut, 0.5, 1);
        Assert.Equal(kept.Count, cards[0].Pairs + cards[0].Dropped["balance"]);
        Assert.Equal(cards[0].PairsByKind[PairKind.Localized], cards[0].PairsByKind[PairKind.Comprehensive]);
        var rows = await world.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.Pairs("made", cards[0].Version));
        Assert.Equal(cards[0].Pairs, rows.Count);
        Assert.Subset(kept.Select(pair => pair.PairId).ToHashSet(), rows.Select(pair => pair.PairId).ToHashSet());
        var refused = await world.App.Http.PostAsJsonAsync("/api/datasets", new { name = "No Name" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("\"name\"", await refused.Content.ReadAsStringAsync());
        await ExportsItAsync(cards[0], rows);
        await FollowsReviewsAsync(cards[0], kept);
    }

    private async Task FollowsReviewsAsync(DatasetCard before, IReadOnlyList<PairEntry> kept)
    {
        var (gone, edited) = (kept[0].PairId, kept[1].PairId);
        await ReviewAsync(gone, new { reviewer = "al", decision = "reject" });
        await ReviewAsync(edited, new { reviewer = "al", decision = "edit", chosen = "Better words." });
        var card = await BuildAsync(new { name = "made", mix = new { localized = 0, comprehensive = 0 } });
        Assert.NotEqual(before.Version, card.Version);
        Assert.Equal((kept.Count - 1, 1, 1), (card.Pairs, card.Reviewed, card.Dropped["review-rejected"]));
        var rows = await world.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.Pairs("made", card.Version));
        Assert.DoesNotContain(rows, pair => pair.PairId == gone || pair.PairId == edited);
        Assert.Equal("Better words.", Assert.Single(rows, pair => pair.Review?.Edited == edited).Chosen);

        // The same person thinks again: the newer review counts.
        await ReviewAsync(gone, new { reviewer = "al", decision = "accept" });
        var summary = await world.App.Http.GetFromJsonAsync<JsonElement>("/api/reviews");
        Assert.Equal((2, 1), (summary.GetProperty("reviews").GetInt32(), summary.GetProperty("decisions").GetProperty("accept").GetInt32()));
        Assert.Single(await world.App.Http.GetFromJsonAsync<JsonElement[]>($"/api/pairs/{gone}/review") ?? []);
        var refused = await world.App.Http.PostAsJsonAsync($"/api/pairs/{gone}/review", new { decision = "edit" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("\"reviewer\"", await refused.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await world.App.Http.PostAsJsonAsync("/api/pairs/none/review", new { reviewer = "al", decision = "flag" })).StatusCode);
    }

    private async Task<DatasetCard> BuildAsync(object request) =>
        (await (await world.App.Http.PostAsJsonAsync("/api/datasets", request)).Content.ReadFromJsonAsync<DatasetCard>(TpoJson.Options))!;

    private async Task ReviewAsync(string pairId, object review) =>
        (await world.App.Http.PostAsJsonAsync($"/api/pairs/{pairId}/review", review)).EnsureSuccessStatusCode();

    private async Task ExportsItAsync(DatasetCard card, IReadOnlyList<PreferencePair> rows)
    {
        var path = $"/api/datasets/{card.Name}/{card.Version}/exports";
        var written = await world.App.Http.PostAsJsonAsync(path, new { format = "ms-swift", videoRoot = "/data" });
        var export = (await written.Content.ReadFromJsonAsync<DatasetExport>(TpoJson.Options))!;
        Assert.Equal(rows.Count, export.Rows);
        var text = await world.Storage.TryReadTextAsync(Containers.Datasets, Assert.Single(export.Blobs));
        Assert.Equal(rows.Select(pair => $"/data/{pair.VideoBlob}"), text!.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("videos")[0].GetString()!));
        var unknown = await world.App.Http.PostAsJsonAsync(path, new { format = "csv" });
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("llama-factory", await unknown.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await world.App.Http.PostAsJsonAsync("/api/datasets/made/none/exports", new { format = "trl" })).StatusCode);
    }

    private async Task<IReadOnlyList<PairEntry>> KeptOfAsync(VideoRecord record) =>
        [.. (await PageAsync<PairEntry>("/api/pairs")).Where(pair => pair.VideoId == record.VideoId)];

    private async Task<IReadOnlyList<T>> PageAsync<T>(string path) =>
        [.. (await world.App.Http.GetFromJsonAsync<JsonElement>($"{path}?limit=500")).GetProperty("items").EnumerateArray().Select(item => item.Deserialize<T>(TpoJson.Options)!)];

    private async Task<SortedDictionary<string, DateTimeOffset>> BlobsAsync()
    {
        var blobs = new SortedDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        await foreach (var blob in world.Storage.Container(Containers.Curation).GetBlobsAsync())
            blobs[blob.Name] = blob.Properties.LastModified!.Value;
        return blobs;
    }
}
