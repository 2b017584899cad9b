using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Imports;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Curation;

public sealed class DatasetTests(CuratedWorld world) : IClassFixture<CuratedWorld>
{
    [Fact]
    public async Task Pairs_about_a_video_that_a_benchmark_asks_about_are_kept_out_and_held_out_videos_lie_beside()
    {
        var half = new DatasetRecipe(new DatasetMix(), HeldOutPercent: 50);
        var sides = new Dictionary<int, bool>();
        for (var index = 30; sides.Values.Count(held => held) < 1 || sides.Values.Count(held => !held) < 2; index++)
            sides[index] = half.IsHeldOut(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(await world.RenderAsync(index)))));
        var records = new List<VideoRecord>();
        foreach (var index in sides.Where(side => !side.Value).Take(2).Append(sides.First(side => side.Value)).Select(side => side.Key))
            records.Add(await world.CurateAsIfTheModelKnewAsync($"split/{index}.mp4", index));

        await world.Catalog.PutAsync(Catalog.BenchmarkVideos, "suite/asked", new BenchmarkVideo(records[0].VideoId!, "suite", "asked"));
        var all = await BuildAsync(new { name = "clean", mix = new { localized = 0, comprehensive = 0 } });
        Assert.Equal((records[0].Kept, 1), (all.Dropped["benchmark-video"], all.BenchmarkVideosKnown));
        Assert.DoesNotContain(records[0].VideoId, all.VideoIds);

        var split = await BuildAsync(new { name = "clean", mix = new { localized = 0, comprehensive = 0 }, heldOutPercent = 50 });
        Assert.Equal(all.Pairs, split.Pairs + split.HeldOut);
        var heldOut = await world.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.HeldOut("clean", split.Version));
        Assert.Equal(split.HeldOut, heldOut.Count);
        Assert.True(split.HeldOut > 0);
        Assert.Empty(heldOut.Select(pair => pair.VideoId).Intersect(split.VideoIds));
        Assert.Equal(HttpStatusCode.BadRequest, (await world.App.Http.PostAsJsonAsync("/api/datasets", new { heldOutPercent = 90 })).StatusCode);
    }

    private async Task<DatasetCard> BuildAsync(object request) =>
        (await (await world.App.Http.PostAsJsonAsync("/api/datasets", request)).Content.ReadFromJsonAsync<DatasetCard>(TpoJson.Options))!;

    [Fact]
    public async Task Pairs_from_a_table_become_a_dataset_about_the_uploaded_videos_and_name_those_that_are_not_there()
    {
        var record = await world.CurateAsync("theirs/one.mp4", await world.RenderAsync(50));
        const string csv = "video,prompt,chosen,rejected\none.mp4,What is shown?,A red star.,A blue ring.\ntwo.mp4,What is shown?,A red star.,A blue ring.\n";
        var importer = new PairImporter(world.Storage, world.Catalog, new TpoSettings(), TimeProvider.System);
        var import = await importer.ImportAsync("theirs", PairCsv.Read(csv).Pairs, csv, "theirs/", CancellationToken.None);
        Assert.Equal(["theirs/two.mp4"], import.MissingVideos);
        Assert.Equal((1, 1, record.VideoId), (import.Card!.Pairs, import.Card.Dropped["missing-video"], Assert.Single(import.Card.VideoIds)));
        Assert.Equal(import.Card.Version, (await importer.ImportAsync("theirs", PairCsv.Read(csv).Pairs, csv, "theirs/", CancellationToken.None)).Card!.Version);
        var row = Assert.Single(await world.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.Pairs("theirs", import.Card.Version)));
        Assert.Equal(("imported", "theirs/one.mp4", row.PairId), (row.ModelId, row.VideoBlob, PairIds.Of(row)));
    }
}
