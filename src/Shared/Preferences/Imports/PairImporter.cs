using System.Security.Cryptography;
using System.Text;
using Tpo.Shared.Media;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences.Imports;

/// <param name="MissingVideos">videos that rows name and that are not in the `videos` container, or were not probed yet</param>
public sealed record PairImport(DatasetCard? Card, IReadOnlyList<string> MissingVideos);

/// <summary>Makes a dataset version of imported pairs, to be trained on like our own. Their videos must have been uploaded: training looks at them.</summary>
public sealed class PairImporter(TpoStorage storage, Catalog catalog, TpoSettings settings, TimeProvider time)
{
    private const string Origin = "imported";

    /// <param name="csv">the file's text; its hash is the lineage's revision</param>
    /// <param name="folder">what stands in front of a row's video in the `videos` container, as in "longva/"; may be empty</param>
    public async Task<PairImport> ImportAsync(string name, IReadOnlyList<ImportedPair> rows, string csv, string folder, CancellationToken cancellation)
    {
        var revision = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(csv)));
        var videos = (await catalog.ListAsync<VideoRecord>(Catalog.Videos, cancellation)).ToDictionary(record => record.BlobName, StringComparer.Ordinal);
        var (pairs, missing) = (new List<PreferencePair>(), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var video in rows.GroupBy(row => row.Video))
        {
            var blob = folder + video.Key;
            if (videos.GetValueOrDefault(blob)?.VideoId is { } id && await storage.TryReadJsonAsync<VideoAsset>(Containers.Curation, CurationBlobs.Asset(id), cancellation) is { } asset)
                pairs.AddRange(video.Select(row => Pair(row, asset, revision)));
            else
                missing.Add(blob);
        }
        if (pairs.Count == 0)
            return new PairImport(null, [.. missing]);

        pairs = [.. pairs.DistinctBy(pair => pair.PairId).OrderBy(pair => pair.PairId, StringComparer.Ordinal)];
        var version = DatasetVersions.Of(pairs);
        var dropped = new Dictionary<string, int> { ["missing-video"] = rows.Count(row => missing.Contains(folder + row.Video)) };
        var card = await DatasetVersions.PublishAsync(
            storage, catalog, name, version, pairs, [], () => DatasetCard.Of(name, version, new DatasetRecipe(new DatasetMix(0, 0)), pairs, [], dropped, 0, time.GetUtcNow()), cancellation);
        return new PairImport(card, [.. missing]);
    }

    /// <summary>The frames that its answers came from are not known: both plans are the whole video, which training shows in any case.</summary>
    private PreferencePair Pair(ImportedPair row, VideoAsset video, string revision)
    {
        var whole = FramePlanner.Uniform(video.Clock(), settings.FramesPerVideo);
        return PairIds.Sign(new PreferencePair
        {
            PairId = "", Kind = PairKind.Comprehensive, VideoId = video.VideoId, VideoBlob = video.BlobName, Query = row.Prompt, QueryType = Origin,
            ReferenceAnswer = row.Answer, Chosen = row.Chosen, Rejected = row.Rejected, ChosenPlan = whole, RejectedPlan = whole,
            PromptIds = new Dictionary<string, string>(), ModelId = Origin, ModelRevision = revision, Preprocess = Origin, Seed = settings.Seed,
            Verdict = new Verdict("Yes", "No", "Yes", "No", Origin), Cost = Cost.None,
        });
    }
}
