using Spectre.Console;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Cli.Demo;

/// <summary>What became of the uploaded videos: their records, and the funnels of those that were curated.</summary>
internal sealed record DemoCuration(IReadOnlyList<VideoRecord> Videos, IReadOnlyList<Funnel> Funnels)
{
    public int PairsKept => Funnels.Sum(funnel => funnel.Kept.Values.Sum());

    /// <summary>Waits until every uploaded video has an end: curated, a duplicate, or failed with its reason.</summary>
    public static async Task<DemoCuration> FollowAsync(ApiClient api, IReadOnlyList<string> blobNames, CancellationToken cancellation)
    {
        var wanted = blobNames.ToHashSet();
        var records = await AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("curating", maxValue: wanted.Count);
            while (true)
            {
                var ended = (await api.ListAsync<VideoRecord>("/api/videos", cancellation))
                    .Where(record => wanted.Contains(record.BlobName) && record.Status != VideoStatus.Curating).ToList();
                task.Value = ended.Count;
                if (ended.Count == wanted.Count)
                    return ended;
                await Task.Delay(500, cancellation);
            }
        });
        var storage = Surroundings.Storage();
        var funnels = new List<Funnel>();
        foreach (var videoId in records.Where(record => record.Status is VideoStatus.Curated or VideoStatus.Duplicate).Select(record => record.VideoId!).Distinct())
        {
            // A duplicate's first name may have failed: then there is no manifest, and its own record says why.
            if (await storage.TryReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(videoId), cancellation) is { } manifest)
                funnels.Add(manifest.Funnel);
        }
        return new DemoCuration(records, funnels);
    }

    public void Print()
    {
        var counts = new Table().AddColumns("videos", "failed", "segments", "candidates", "localized kept", "comprehensive kept", "rejected");
        counts.AddRow(
            $"{Videos.Count}", $"{Videos.Count(video => video.Status == VideoStatus.Failed)}", $"{Funnels.Sum(funnel => funnel.Segments)}",
            $"{Funnels.Sum(funnel => funnel.Candidates)}", $"{Kept(PairKind.Localized)}", $"{Kept(PairKind.Comprehensive)}", $"{Rejected.Sum(reason => reason.Count)}");
        AnsiConsole.Write(counts);
        if (Rejected.Count > 0)
            AnsiConsole.MarkupLineInterpolated($"rejected by reason: {string.Join(", ", Rejected.Select(reason => $"{reason.Reason} {reason.Count}"))}");
        foreach (var video in Videos.Where(video => video.Status == VideoStatus.Failed))
            AnsiConsole.MarkupLineInterpolated($"[yellow]failed[/] {video.BlobName}: {video.Failure}");
    }

    private int Kept(PairKind kind) => Funnels.Sum(funnel => funnel.Kept.GetValueOrDefault(kind));

    private IReadOnlyList<(string Reason, int Count)> Rejected =>
        [.. Funnels.SelectMany(funnel => funnel.Rejected).GroupBy(reason => reason.Key).Select(group => (group.Key, group.Sum(reason => reason.Value))).OrderByDescending(reason => reason.Item2)];
}
