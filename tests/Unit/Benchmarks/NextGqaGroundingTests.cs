using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class NextGqaGroundingTests
{
    private static readonly BenchmarkFile File = Scored.Load(NextGqa.Benchmark,
        ("test.csv", "video_id,question,answer,qid,type,a0,a1,a2,a3,a4\nv,why did she wave,b,3,CW,a,b,c,d,e\nv,how,b,4,CH,a,b,c,d,e\n"),
        ("gsub_test.json", """{"v":{"duration":40,"location":{"3":[[5,10],[20,30]]},"fps":30}}"""));

    [Fact]
    public void A_question_with_spans_has_a_second_one_about_the_moment()
    {
        Assert.Equal(["v_3", "v_4", "v_3#when"], File.Questions.Select(question => question.Id));
        Assert.StartsWith("why did she wave?\nWhen does the video show that?", File.Questions[2].Prompt);
        Assert.Equal((40, 2), (File.Questions[2].Duration, File.Questions[2].Moments!.Count));
    }

    [Theory]
    [InlineData("5.5 - 12", 5.5, 12)]
    [InlineData("from 0:20 to 0:30.5", 20, 30.5)]
    [InlineData("it ends at 12 s and begins at 3 s", 3, 12)]
    [InlineData("20 - 90", 20, 40)]
    [InlineData("\u0666, I think 5 - 12", 5, 12)]
    public void The_first_two_numbers_are_the_moment_in_order_and_inside_the_video(string answer, double start, double end) =>
        Assert.Equal(new TimeSpanSeconds(start, end), NextGqaGrounding.Parse(answer, 40));

    [Fact]
    public void A_right_answer_counts_as_grounded_only_with_half_of_the_moment_inside_a_span()
    {
        var good = Scored.By(NextGqa.Benchmark, File, ("v_3", "(B)"), ("v_3#when", "5 - 10"));
        Assert.Equal((1, 1, 1, 1), (good.Figure("Acc@GQA"), good.Figure("mIoU"), good.Figure("mIoP"), good.Figure("Acc@QA")));
        var elsewhere = Scored.By(NextGqa.Benchmark, File, ("v_3", "(B)"), ("v_3#when", "31 - 40"));
        Assert.Equal((0, 0, 1), (elsewhere.Figure("Acc@GQA"), elsewhere.Figure("mIoU"), elsewhere.Figure("Acc@QA")));
    }

    [Fact]
    public void An_answer_without_a_moment_is_the_whole_video_and_counted_as_unparsed()
    {
        var score = Scored.By(NextGqa.Benchmark, File, ("v_3", "(B)"), ("v_3#when", "at the end"));
        Assert.Equal((1, 0.25), (score.Unparsed, score.Figure("mIoU")));
    }

    [Fact]
    public void Without_moments_their_figures_say_why_there_are_none()
    {
        var score = Scored.By(NextGqa.Benchmark, File, ("v_3", "(B)"));
        Assert.Equal((null, "no question has both its answers: the file of spans is needed too"), (score.Figures[0].Value, score.Figures[0].Why));
        Assert.Equal(1, score.Figure("Acc@QA"));
    }
}
