using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Curation;

/// <summary>What curation says of itself: how many came through, what it reused, and why it did something again.</summary>
public sealed class AccountsOfWorkTests(CuratedWorld world) : IClassFixture<CuratedWorld>
{
    [Fact]
    public async Task The_funnel_adds_up_from_videos_to_reviewed_pairs_and_every_rejected_candidate_has_a_reason()
    {
        foreach (var index in new[] { 20, 21 })
            await world.CurateAsIfTheModelKnewAsync($"funnel/{index}.mp4", index);
        await AnswerSparselyAsWellAsync("funnel/21.mp4", 21);
        await world.CurateAsync("funnel/again.mp4", await world.RenderAsync(20));
        await world.Storage.WriteTextAsync(Containers.Videos, "funnel/none.mp4", "no video", "video/mp4");
        await world.EndOfAsync("funnel/none.mp4");

        var records = (await world.Catalog.ListAsync<VideoRecord>(Catalog.Videos)).Where(record => record.BlobName.StartsWith("funnel/", StringComparison.Ordinal)).ToList();
        var curated = records.Where(record => record.Status == VideoStatus.Curated).ToList();
        Assert.Equal((4, 2, 1, 1), (records.Count, curated.Count, records.Count(record => record.Status == VideoStatus.Duplicate), records.Count(record => record.Status == VideoStatus.Failed)));

        var (kept, rejected) = (0, 0);
        foreach (var record in curated)
        {
            var manifest = await world.ManifestAsync(record.VideoId!);
            var funnel = manifest.Funnel;
            var plan = await world.Storage.ReadJsonAsync<CurationPlan>(Containers.Curation, manifest.Plan);
            var written = await world.Storage.ReadJsonAsync<WrittenQueries>(Containers.Curation, manifest.Queries);
            var judged = await world.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, manifest.Judged);

            Assert.Equal((record.Segments, plan.DroppedSegments.Count), (funnel.Segments, funnel.DroppedSegments.Values.Sum()));
            Assert.Equal((written.Queries.Count, written.None.Count), (funnel.Queries.Values.Sum(), funnel.NoQuery.Values.Sum()));
            // Each segment was asked about, or says why not.
            Assert.Equal(Enumerable.Range(0, funnel.Segments),
                written.Queries.Select(query => query.Segment).Concat(written.None.Select(none => none.Segment)).OfType<int>().Distinct().Order());
            Assert.Equal((funnel.Queries.Values.Sum(), judged.Count), (funnel.Candidates, funnel.Candidates));
            Assert.Equal((record.Kept, record.Rejected), (funnel.Kept.Values.Sum(), funnel.Rejected.Values.Sum()));
            Assert.Equal(funnel.Candidates, record.Kept + record.Rejected);
            Assert.All(judged, pair => Assert.Equal(pair.Verdict.Keep, pair.Verdict.Reason is null));
            Assert.Equal(judged.Where(pair => !pair.Verdict.Keep).GroupBy(pair => pair.Verdict.Reason!).ToDictionary(group => group.Key, group => group.Count()), funnel.Rejected);
            (kept, rejected) = (kept + record.Kept!.Value, rejected + record.Rejected!.Value);
        }
        var entries = await EntriesAsync(Catalog.Pairs);
        Assert.Equal((kept, rejected), (entries.Count, (await EntriesAsync(Catalog.Rejected)).Count));
        Assert.True(kept > 3 && rejected > 0, $"{kept} kept, {rejected} rejected: sums of nothing say nothing.");

        var decisions = new[] { "accept", "reject", "flag" };
        foreach (var (decision, entry) in decisions.Zip(entries))
            (await world.App.Http.PostAsJsonAsync($"/api/pairs/{entry.PairId}/review", new { reviewer = "al", decision })).EnsureSuccessStatusCode();
        var summary = await world.App.Http.GetFromJsonAsync<JsonElement>("/api/reviews");
        Assert.Equal(decisions.Length, decisions.Sum(decision => summary.GetProperty("decisions").GetProperty(decision).GetInt32()));
        var card = (await (await world.App.Http.PostAsJsonAsync("/api/datasets", new { name = "funnel", mix = new { localized = 0, comprehensive = 0 } })).Content.ReadFromJsonAsync<DatasetCard>(TpoJson.Options))!;
        Assert.Equal(kept, card.Pairs + card.Dropped.Values.Sum());
        Assert.Equal((1, 2), (card.Reviewed, card.Dropped.Values.Sum()));
    }

    [Fact]
    public async Task A_rerun_says_of_every_unit_that_it_was_reused_or_why_it_was_redone()
    {
        var file = await world.RenderAsync(22);
        var id = (await world.CurateAsIfTheModelKnewAsync("rerun/video.mp4", 22)).VideoId!;
        Assert.Contains($"made: {id}/plan-", world.App.Log);

        // Fewer frames in the sparse view: that view is answered again, and nothing else.
        await AgainAsync("Tpo__SparseFrames", "3");
        Assert.Contains("sparse frames is 3, was 4", Single("redone", "plan-"));
        Assert.Contains("frames is ", Single("redone", "answers/sparse-"));
        Assert.All(new[] { "captions/whole-", "captions/segment-0-", "queries-", "answers/whole-", "answers/segment-0-" }, unit => Single("reused", unit));
        Assert.Contains("answers changed", Single("redone", "judged-"));
        Assert.Empty(Units("made"));

        // Other weights: everything that a model made.
        await world.RegisterModelAsync(seed: 3);
        await AgainAsync("Tpo__SparseFrames", "3");
        Assert.Contains("model changed", Single("redone", "captions/whole-"));
        Assert.Empty(Units("reused"));

        async Task AgainAsync(string setting, string value)
        {
            await world.App.KillAsync();
            world.App.Set(setting, value);
            File.WriteAllText(Path.Combine(world.WorkFolder, "app.log"), "");
            await world.App.StartAsync();
            Assert.Equal(VideoStatus.Curated, (await world.CurateAsync("rerun/video.mp4", file)).Status);
        }

        string Single(string what, string unit) => Assert.Single(Units(what), line => line.Contains($"{id}/{unit}", StringComparison.Ordinal));

        List<string> Units(string what) => [.. world.App.Log.Split('\n').Where(line => line.Contains($"{what}: {id}/", StringComparison.Ordinal))];
    }

    /// <summary>The sparse view answers every second question as well as the whole: those are no pairs.</summary>
    private async Task AnswerSparselyAsWellAsync(string name, int index)
    {
        var videoId = (await world.EndOfAsync(name)).VideoId!;
        var manifest = await world.ManifestAsync(videoId);
        var whole = (await world.Storage.ReadJsonAsync<ViewAnswers>(Containers.Curation, manifest.Answers.Single(blob => blob.Contains("/answers/whole-")))).Answers;
        await world.RewriteAsync<ViewAnswers>(manifest.Answers.Single(blob => blob.Contains("/answers/sparse-")), view => view with
        {
            Answers = [.. view.Answers.Select((answer, i) => i % 2 == 0 ? answer with { Text = whole[i].Text } : answer)],
        });
        await world.JudgeAnewAsync(manifest);
        await world.CurateAsync(name, await world.RenderAsync(index));
    }

    private async Task<IReadOnlyList<PairEntry>> EntriesAsync(string kind)
    {
        var curated = (await world.Catalog.ListAsync<VideoRecord>(Catalog.Videos)).Where(record => record.BlobName.StartsWith("funnel/", StringComparison.Ordinal)).Select(record => record.VideoId).ToHashSet();
        return [.. (await world.Catalog.ListAsync<PairEntry>(kind)).Where(entry => !entry.Superseded && curated.Contains(entry.VideoId))];
    }
}
