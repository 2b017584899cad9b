using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Xunit.Abstractions;

namespace Tpo.Tests.Integration.Curation;

/// <summary>The shipped model's own pairs, measured against the truth of made videos.</summary>
public sealed class PairQualityTests(ITestOutputHelper output)
{
    private const int Videos = 60;
    private const ulong Seed = 4242;

    [Fact, Trait("Lane", "slow")]
    public async Task Of_kept_pairs_the_chosen_answer_is_really_better_in_most_and_more_often_than_before_the_judge()
    {
        var judged = await JudgedAsync();
        Assert.InRange(judged.Average(pair => pair.Pair.Verdict.Keep ? 1.0 : 0), 0.2, 0.8);
        Assert.All(Enum.GetValues<PairKind>(), kind =>
        {
            var candidates = judged.Where(pair => pair.Pair.Kind == kind).ToList();
            var (kept, dropped) = (candidates.Where(pair => pair.Pair.Verdict.Keep).ToList(), candidates.Where(pair => !pair.Pair.Verdict.Keep).ToList());
            double keptBetter = kept.Average(pair => pair.Better ? 1.0 : 0), droppedBetter = dropped.Average(pair => pair.Better ? 1.0 : 0), better = candidates.Average(pair => pair.Better ? 1.0 : 0);
            output.WriteLine($"{kind}: {candidates.Count} candidates, {kept.Count} kept ({(double)kept.Count / candidates.Count:P1}); chosen really better: kept {keptBetter:P1}, dropped {droppedBetter:P1}, all candidates {better:P1}");
            output.WriteLine($"  dropped: {string.Join(", ", dropped.GroupBy(pair => pair.Pair.Verdict.Reason).OrderByDescending(group => group.Count()).Select(group => $"{group.Key} {group.Count()}"))}");

            Assert.All(dropped, pair => Assert.NotNull(pair.Pair.Verdict.Reason));
            Assert.True(keptBetter >= 0.8, $"{kind}: {keptBetter:P1}");
            // Kept against dropped, pooled: beyond 3 standard errors.
            var error = Math.Sqrt(better * (1 - better) * (1.0 / kept.Count + 1.0 / dropped.Count));
            Assert.True(keptBetter - droppedBetter > 3 * error, $"{kind}: {keptBetter:P1} against {droppedBetter:P1} ± {error:P1}");
        });
    }

    private static async Task<IReadOnlyList<(PreferencePair Pair, bool Better)>> JudgedAsync()
    {
        await using var house = await House.StartAsync();
        using var folder = new Tpo.Tests.Unit.Serving.TemporaryFolder();
        for (var i = 0; i < Videos; i++)
        {
            var path = Path.Combine(folder.Path, $"{i}.mp4");
            await VideoWriter.WriteAsync(Video(i), 64, path);
            await house.Storage.UploadFileAsync(Containers.Videos, $"quality/{i}.mp4", path);
        }
        var records = await House.EventuallyAsync("all are curated", TimeSpan.FromMinutes(10), async () =>
            (await house.Catalog.ListAsync<VideoRecord>(Catalog.Videos)).Where(video => video.Status != VideoStatus.Curating).ToList() is { Count: Videos } all ? all : null);
        var judged = new List<(PreferencePair, bool)>();
        foreach (var record in records)
        {
            Assert.Equal(VideoStatus.Curated, record.Status);
            var video = Video(int.Parse(Path.GetFileNameWithoutExtension(record.BlobName)));
            var manifest = await house.Storage.ReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(record.VideoId!));
            judged.AddRange((await house.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, manifest.Judged)).Select(pair => (pair, PairTruth.ChosenIsBetter(video, pair))));
        }
        return judged;
    }

    private static SyntheticVideo Video(int index) => World.Video("curation", Seed, index, WorldShape.Videos);
}
