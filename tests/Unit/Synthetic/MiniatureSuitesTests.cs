using Tpo.GpuJob.Synthetic;
using Tpo.GpuJob.Synthetic.Suites;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Synthetic;

public sealed class MiniatureSuitesTests : IDisposable
{
    private static readonly SyntheticVideo[] Videos = [.. Enumerable.Range(0, 30).Select(i => World.Video("test", 4, i, WorldShape.Short))];
    private static readonly IReadOnlyList<SuiteQuestion> Questions = SuiteQuestions.Of(Videos, 6, 4);
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-miniatures-").FullName;

    public static TheoryData<string> Slugs => [.. MiniatureSuites.Slugs];

    [Fact]
    public void All_ten_are_there() => Assert.Equal(10, MiniatureSuites.Slugs.Distinct().Count());

    /// <summary>Who gives the gold answers is right everywhere, who gives the opposite of a letter or word nowhere; what needs a judge waits for one.</summary>
    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task Each_is_read_by_its_ordinary_loader_and_its_gold_answers_score_one(string slug)
    {
        await MiniatureSuites.WriteAsync(Questions, 128, _folder);
        var (benchmark, file) = (KnownBenchmarks.Find(slug)!, await MiniatureSuites.LoadAsync(slug, _folder));
        Assert.Empty(file.Problems);
        Assert.True(file.Questions.Count >= Videos.Length);
        Assert.Equal(Videos.Length, file.Questions.Select(VideoOf).Distinct().Count());

        var right = BenchmarkScorer.Score(benchmark, benchmark.Protocols[0], file.Questions, file.Questions.ToDictionary(question => question.Id, Gold));
        Assert.Equal((0, 0), (right.Missing, right.Unparsed));
        Assert.All(right.Categories.Where(category => category.Unjudged == 0), category => Assert.Equal(1, category.Accuracy));
        var wrong = BenchmarkScorer.Score(benchmark, benchmark.Protocols[0], file.Questions, file.Questions.ToDictionary(question => question.Id, Opposite));
        Assert.All(wrong.Categories.Where(category => category.Unjudged == 0), category => Assert.Equal(0, category.Accuracy));
        Assert.Equal(slug is "tempcompass" or "eventhallusion", right.Unjudged > 0);
    }

    /// <summary>A suite's video path ends in the name of one of the world's videos.</summary>
    private static SyntheticVideo VideoOf(BenchmarkQuestion question) =>
        Videos.Single(video => question.VideoPath.EndsWith($"{video.Name}.mp4", StringComparison.Ordinal));

    private static string Gold(BenchmarkQuestion question) => question.Task switch
    {
        NextGqaGrounding.Task => question.Gold,
        VidHalluc.Scenes => $"Scene change: Yes, Locations: {question.Reference}",
        _ => question.Gold,
    };

    private static string Opposite(BenchmarkQuestion question) => question switch
    {
        { Task: NextGqaGrounding.Task } => question.Moments![0].Start > 1 ? "0 - 0.5" : $"{question.Duration} - {question.Duration - 0.5}",
        { Task: VidHalluc.Scenes } => "Scene change: No, Locations: None",
        { Gold: "yes" } => "no",
        { Gold: "no" } => "yes",
        { Gold: "Yes" or "Yes." } => "No",
        { Gold: "No" or "No." } => "Yes",
        { Gold: "AB" } => "BA",
        { Gold: "BA" } => "AB",
        { Task: TempCompass.CaptionMatching } => question.Gold.StartsWith("Caption A", StringComparison.Ordinal) ? "Caption B" : "Caption A",
        _ => question.Gold[0] == 'A' ? "B" : "A",
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
