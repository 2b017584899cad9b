using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Loop;

[Collection(DemoCollection.Name)]
public sealed class DemoTests(DemoRun demo)
{
    [Fact]
    public void It_says_what_came_of_it()
    {
        Assert.Contains("localized kept", demo.Output);
        Assert.Contains("rejected by reason", demo.Output);
        Assert.Contains("0.693", demo.Output);
        Assert.Contains("dpo_loss began at 0.6931", demo.Output);
        Assert.Contains("95 % interval", demo.Output);
        Assert.Contains("report.html", demo.Output);
    }

    [Theory]
    [InlineData(PairKind.Localized)]
    [InlineData(PairKind.Comprehensive)]
    public void Pairs_of_each_kind_come_from_at_least_two_videos(PairKind kind) =>
        Assert.True(demo.Pairs.Where(pair => pair.Kind == kind).Select(pair => pair.VideoId).Distinct().Count() >= 2);

    [Fact]
    public void At_least_twenty_candidates_reach_the_judge_and_the_funnel_adds_up()
    {
        var funnels = Funnels();
        Assert.True(funnels.Sum(funnel => funnel.Candidates) >= 20);
        Assert.All(funnels, funnel =>
        {
            Assert.Equal(funnel.Queries.Values.Sum(), funnel.Candidates);
            Assert.Equal(funnel.Candidates, funnel.Kept.Values.Sum() + funnel.Rejected.Values.Sum());
        });
    }

    [Fact]
    public void A_localized_pair_was_rejected_without_the_segment_that_its_chosen_answer_saw() =>
        Assert.All(demo.Pairs.Where(pair => pair.Kind == PairKind.Localized), pair =>
        {
            var (segment, guard) = (pair.Segment!, pair.GuardBandSeconds!.Value);
            Assert.All(pair.ChosenPlan.Times, time => Assert.InRange(time, segment.Start, segment.End));
            Assert.All(pair.RejectedPlan.Times, time => Assert.True(time < segment.Start - guard + 0.11 || time > segment.End + guard - 0.11));
        });

    [Fact]
    public void Training_starts_at_the_logarithm_of_two_and_changes_the_weights()
    {
        Assert.Equal(Math.Log(2), demo.Training.Metrics[0].DpoLoss, 3);
        Assert.True(demo.Training.Metrics.Count >= 10);
        Assert.Equal(Enumerable.Range(0, demo.Training.Metrics.Count), demo.Training.Metrics.Select(metrics => metrics.Step));
        Assert.NotEqual(demo.Training.Run.Result!.BaseWeightsSha256, demo.Training.Run.Result.WeightsSha256);
    }

    [Fact]
    public async Task The_benchmark_row_comes_from_stored_answers()
    {
        var result = demo.Benchmark.Result!;
        foreach (var score in new[] { result.Base, result.Tuned })
        {
            var answers = await AnswersAsync(score.ModelId);
            Assert.Equal(score.Questions, answers.Count);
            Assert.Equal(score.Correct, answers.Count(answer => answer.Letter == answer.Gold));
            Assert.Equal(score.Accuracy, (double)score.Correct / score.Questions, 12);
            Assert.All(answers, answer => Assert.True(answer is { VideoId.Length: > 0, Question.Length: > 0, Raw: not null }));
        }
        Assert.InRange(result.Difference.Mean, result.Difference.Low, result.Difference.High);
    }

    [Fact]
    public async Task A_second_upload_of_the_same_video_curates_nothing_again()
    {
        var first = demo.Videos.First(video => video.Status == VideoStatus.Curated);
        var copy = Path.Combine(demo.House.Home, "copy.mp4");
        await demo.House.Storage.DownloadAsync(Containers.Videos, first.BlobName, copy);
        await demo.House.Storage.UploadFileAsync(Containers.Videos, "again/copy.mp4", copy);

        var again = await House.EventuallyAsync("the copy has a record", TimeSpan.FromSeconds(60), async () =>
            await demo.House.Catalog.FindAsync<VideoRecord>(Catalog.Videos, "again/copy.mp4") is { Status: not VideoStatus.Curating } record ? record : null);

        Assert.Equal((VideoStatus.Duplicate, first.BlobName, first.VideoId), (again.Status, again.DuplicateOf, again.VideoId));
    }

    private IReadOnlyList<Funnel> Funnels() =>
        [.. demo.Videos.Where(video => video.Status == VideoStatus.Curated).Select(video =>
            demo.House.Storage.ReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(video.VideoId!)).Result.Funnel)];

    private async Task<IReadOnlyList<StoredAnswer>> AnswersAsync(string modelId)
    {
        var answers = new List<StoredAnswer>();
        foreach (var name in await demo.House.Storage.ListAsync(Containers.Reports, $"{demo.Benchmark.Folder}/answers/{modelId}/"))
            answers.AddRange(await demo.House.Storage.ReadJsonLinesAsync<StoredAnswer>(Containers.Reports, name));
        return answers;
    }
}
