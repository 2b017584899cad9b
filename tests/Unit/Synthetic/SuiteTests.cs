using Tpo.GpuJob.Synthetic;
using Tpo.GpuJob.Synthetic.Suites;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Synthetic;

public sealed class SuiteTests : IDisposable
{
    private static readonly SyntheticVideo[] Videos = [.. Enumerable.Range(0, 60).Select(i => World.Video("test", 4, i, WorldShape.Short))];
    private static readonly IReadOnlyList<SuiteQuestion> Questions = SuiteQuestions.Of(Videos, 6, 4);
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-suite-").FullName;

    [Fact]
    public async Task The_ordinary_loaders_of_four_benchmarks_read_the_same_questions()
    {
        await SuiteWriter.WriteAsync(Questions, 128, _folder);
        var byMlvu = MlvuFiles.ById(Questions);
        Check(LongVideoBench.Load(Read(LongVideoBench.FileName)), ChoiceFormat.LongVideoBench, id => Questions.Single(question => question.Id == id));
        Check(MlvuFiles.Load(_folder), ChoiceFormat.Mlvu, id => byMlvu[id]);
        Check(VideoMme.Load(Read(VideoMme.FileName)), ChoiceFormat.VideoMme, id => Questions.Single(question => question.Id == id));
        Check(NextGqa.Load(Read(NextGqa.FileName)), ChoiceFormat.NextGqa, id => Questions.Single(question => question.Id == id));
    }

    [Fact]
    public async Task Spans_of_NExT_GQA_cover_the_event_that_answers()
    {
        await SuiteWriter.WriteAsync(Questions, 128, _folder);
        var spans = NextGqaSpans.Load(Read(NextGqaSpans.FileName));
        Assert.Empty(spans.Problems);
        foreach (var question in Questions)
        {
            var span = spans.Videos[question.Video.Name].Spans[$"{question.Number}"].Single();
            var scene = question.Video.Scenes[question.Choice.Open.Subject];
            Assert.InRange((double)scene.MiddleFrame / SyntheticVideo.FramesPerSecond, span.Start, span.End);
        }
    }

    [Fact]
    public void Every_question_has_four_different_options_and_a_right_one()
    {
        Assert.True(Questions.Count > 5 * Videos.Length);
        foreach (var question in Questions)
        {
            Assert.Equal(4, question.Choice.Candidates.Distinct().Count());
            var truth = ChoiceQuestions.Text(question.Kind, question.Video.Sights()[question.Choice.Open.Subject]);
            Assert.Equal(truth, question.Choice.Candidates[question.Choice.Correct]);
        }
    }

    [Fact]
    public void Gold_letters_are_uniform_to_within_one()
    {
        var counts = Questions.GroupBy(question => question.Choice.Correct).Select(group => group.Count()).ToArray();
        Assert.Equal(4, counts.Length);
        Assert.True(counts.Max() - counts.Min() <= 1, string.Join(", ", counts));
    }

    /// <summary>Who knows only what the middle frame shows and takes it wherever it is offered is right as often as by chance.</summary>
    [Theory]
    [InlineData("short")]
    [InlineData("long")]
    public void The_middle_frame_alone_tells_nothing(string length)
    {
        var shape = length == "short" ? WorldShape.Short : WorldShape.Long;
        var videos = Enumerable.Range(0, 800).Select(index => World.Video("test", 8, index, shape)).ToArray();
        var (offered, right) = (0, 0);
        foreach (var question in SuiteQuestions.Of(videos, 5, 8))
        {
            var (video, open) = (question.Video, question.Choice.Open);
            var middle = video.SceneAt(video.FrameCount / 2);
            Assert.False(open.Subject == middle && open.Cue == middle);
            var place = question.Choice.Candidates.ToList().IndexOf(ChoiceQuestions.Text(question.Kind, video.Sights()[middle]));
            offered += place >= 0 ? 1 : 0;
            right += place == question.Choice.Correct ? 1 : 0;
        }
        Assert.True(offered > 500);
        Assert.InRange((double)right / offered, 0.22, 0.28);
    }

    [Fact]
    public void Wrong_options_are_of_the_same_video_where_it_has_enough()
    {
        var videos = Enumerable.Range(0, 50).Select(index => World.Video("test", 8, index, WorldShape.Long)).ToArray();
        foreach (var question in SuiteQuestions.Of(videos, 10, 8).Where(question => question.Kind is not (QuestionKind.Dots or QuestionKind.Place)))
        {
            var shown = question.Video.Sights().Select(sight => ChoiceQuestions.Text(question.Kind, sight)).ToList();
            Assert.True(question.Choice.Candidates.All(shown.Contains) || shown.Distinct().Count() < 6, $"{question.Id}: {string.Join(", ", question.Choice.Candidates)}");
        }
    }

    private static void Check(BenchmarkFile file, ChoiceFormat format, Func<string, SuiteQuestion> find)
    {
        Assert.Empty(file.Problems);
        Assert.Equal(Questions.Count, file.Questions.Count);
        foreach (var loaded in file.Questions)
        {
            var question = find(loaded.Id);
            Assert.Equal((question.Choice.Letter, ChoicePrompts.Of(format, question.Choice)), (loaded.Gold, loaded.Prompt));
            Assert.EndsWith($"{question.Video.Name}.mp4", loaded.VideoPath, StringComparison.Ordinal);
        }
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_folder, file));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
