using System.Text.RegularExpressions;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Preferences.Reviews;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences;

/// <summary>There is nothing to build a dataset from, or its name is none; the message says what to do.</summary>
public sealed class DatasetException(string message) : Exception(message);

/// <summary>What goes into a dataset of all that curation kept.</summary>
/// <param name="ReviewedOnly">whether only pairs go in that somebody accepted or edited</param>
/// <param name="HeldOutPercent">of the videos, by their hash: their pairs are for validation and lie beside the others</param>
public sealed record DatasetRecipe(DatasetMix Mix, bool ReviewedOnly = false, int HeldOutPercent = 0)
{
    /// <summary>A video is on the same side in every dataset of the same share, whatever else is in it.</summary>
    public bool IsHeldOut(string videoId) => Convert.ToInt32(PairIds.Hash("held-out", videoId)[..6], 16) % 100 < HeldOutPercent;
}

/// <summary>Builds immutable dataset versions from the kept pairs of all curated videos, as people's reviews left them.</summary>
public sealed partial class DatasetBuilder(TpoStorage storage, Catalog catalog, ReviewStore reviews, TimeProvider time)
{
    /// <summary>A benchmark asks about this very video.</summary>
    private const string Leak = "benchmark-video";

    /// <summary>
    /// The version that these pairs make: written once, found again ever after.
    /// Throws <see cref="DatasetException"/> where the name is not allowed or no pair is left.
    /// </summary>
    public async Task<DatasetCard> BuildAsync(string name, DatasetRecipe recipe, CancellationToken cancellation) =>
        await BuildAsync(name, recipe, await KeptPairsAsync(cancellation), cancellation);

    /// <summary>The version that these kept pairs make, which need not stand in the catalog: a round's do not.</summary>
    public async Task<DatasetCard> BuildAsync(string name, DatasetRecipe recipe, IReadOnlyList<PreferencePair> kept, CancellationToken cancellation)
    {
        if (!IsName(name))
            throw new DatasetException($"'{name}' is no dataset name: use 1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit.");
        var asked = (await catalog.ListAsync<BenchmarkVideo>(Catalog.BenchmarkVideos, cancellation)).Select(video => video.Sha256).ToHashSet(StringComparer.Ordinal);
        var (fit, dropped) = Fit(kept, (await reviews.AllAsync(cancellation)).ToLookup(review => review.PairId), recipe.ReviewedOnly, asked);
        if (fit.Count == 0)
        {
            throw new DatasetException("There are no preference pairs to build a dataset from: " + (dropped.Count == 0
                ? "upload videos, and wait until their curation has kept at least one pair (GET /api/videos shows it)."
                : $"none is left ({string.Join(", ", dropped.Select(reason => $"{reason.Value} {reason.Key}"))})."));
        }

        var pairs = recipe.Mix.Select(fit.Where(pair => !recipe.IsHeldOut(pair.VideoId)));
        var heldOut = recipe.Mix.Select(fit.Where(pair => recipe.IsHeldOut(pair.VideoId)));
        if (pairs.Count == 0)
            throw new DatasetException($"With {recipe.HeldOutPercent} % of the videos held out no pair is left to train on: hold out fewer, or curate more videos.");
        dropped["balance"] = fit.Count - pairs.Count - heldOut.Count;
        var version = DatasetVersions.Of(pairs.Concat(heldOut));
        return await DatasetVersions.PublishAsync(
            storage, catalog, name, version, pairs, heldOut, () => DatasetCard.Of(name, version, recipe, pairs, heldOut, dropped, asked.Count, time.GetUtcNow()), cancellation);
    }

    /// <summary>Every kept pair that stands in the catalog, each with its whole lineage.</summary>
    private async Task<IReadOnlyList<PreferencePair>> KeptPairsAsync(CancellationToken cancellation)
    {
        var entries = (await catalog.ListAsync<PairEntry>(Catalog.Pairs, cancellation)).Where(entry => !entry.Superseded).ToList();
        var pairs = new List<PreferencePair>();
        foreach (var video in entries.GroupBy(entry => entry.VideoId))
        {
            var wanted = video.Select(entry => entry.PairId).ToHashSet(StringComparer.Ordinal);
            var rows = await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, CurationBlobs.Pairs(video.Key), cancellation);
            pairs.AddRange(rows.Where(pair => wanted.Contains(pair.PairId)));
        }
        return pairs;
    }

    private static (IReadOnlyList<PreferencePair> Fit, SortedDictionary<string, int> Dropped) Fit(
        IReadOnlyList<PreferencePair> kept, ILookup<string, PairReview> reviews, bool reviewedOnly, HashSet<string> asked)
    {
        var fit = new List<PreferencePair>();
        var dropped = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (pair, reason) in kept.Select(pair => asked.Contains(pair.VideoId) ? (null, Leak) : ReviewedPairs.Of(pair, [.. reviews[pair.PairId]], reviewedOnly)))
        {
            if (pair is not null)
                fit.Add(pair);
            else
                dropped[reason!] = dropped.GetValueOrDefault(reason!) + 1;
        }
        return (fit, dropped);
    }

    public static bool IsName(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}$")]
    private static partial Regex NamePattern();
}
