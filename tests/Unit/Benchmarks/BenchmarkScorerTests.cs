using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class BenchmarkScorerTests
{
    private static readonly BenchmarkFile Two = Scored.Load(TvBench.Benchmark, ("object_count.json", """
        [{"video":"a.mp4","question":"How many?","candidates":["one","two"],"answer":"two"},{"video":"b.mp4","question":"How many?","candidates":["one","two"],"answer":"one"}]
        """));

    [Fact]
    public void The_protocol_is_part_of_the_result() =>
        Assert.Equal(("TVBench", TvBench.Protocol, null), Names(Scored.By(TvBench.Benchmark, Two, ("object_count_1", "B"))));

    [Fact]
    public void A_question_without_an_answer_is_missing_and_in_no_figure()
    {
        var score = Scored.By(TvBench.Benchmark, Two, ("object_count_1", "B"));
        Assert.Equal((2, 1, 0, 1.0), (score.Questions, score.Missing, score.Unparsed, score.Figures[0].Value));
        Assert.Equal(1, Assert.Single(score.Categories).Items);
    }

    [Fact]
    public void An_answer_that_cannot_be_read_is_unparsed_and_counted_as_wrong()
    {
        var score = Scored.By(TvBench.Benchmark, Two, ("object_count_1", "B"), ("object_count_2", "?!"));
        Assert.Equal((0, 1, 0.5), (score.Missing, score.Unparsed, score.Figures[0].Value));
        Assert.Equal(new CategoryScore("task", "object_count", 0.5, 2, 1, 0), Assert.Single(score.Categories));
    }

    [Fact]
    public void No_answers_give_no_figure_instead_of_a_zero() => Assert.Null(Scored.By(TvBench.Benchmark, Two).Figures[0].Value);

    [Fact]
    public void Without_subtitles_between_frames_that_protocol_says_what_it_needs()
    {
        var question = new BenchmarkQuestion("q", "v", "v.mp4", "?", "?\nA. x\n", 2, "A", []);
        var protocol = LongVideoBench.Benchmark.Protocols[1];
        Assert.Contains("needs the frames' marks", Assert.Throws<NotSupportedException>(() => protocol.Prompt(question)).Message);
        Assert.Equal("<image>\nhello\n?\nA. x\n", protocol.Prompt(question with { Subtitles = "<image>\nhello" }));
    }

    [Fact]
    public void LongVideoBench_says_what_drawing_a_letter_would_give_on_average()
    {
        var questions = Enumerable.Range(0, 2).Select(i => new BenchmarkQuestion($"{i}", "v", "v.mp4", "?", "?", 4, "A", [])).ToList();
        var score = BenchmarkScorer.Score(LongVideoBench.Benchmark, LongVideoBench.Benchmark.Protocols[0], questions, new Dictionary<string, string> { ["0"] = "A", ["1"] = "none" });
        Assert.Equal([0.5, 0.625], score.Figures.Select(figure => figure.Value!.Value));
    }

    private static (string, string, string?) Names(BenchmarkScore score) => (score.Benchmark, score.Protocol, score.Judge);
}
