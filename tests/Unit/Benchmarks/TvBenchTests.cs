using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class TvBenchTests
{
    [Theory]
    [InlineData("B", "B")]
    [InlineData("The answer is (b).", "B")]
    [InlineData("Because it falls", "B")]
    [InlineData("I think it is C", null)]
    [InlineData("It moves down", "A")]
    [InlineData("It goes down or up", null)]
    [InlineData("", null)]
    public void The_harness_takes_the_first_single_letter_or_the_letter_it_begins_with_or_the_text(string answer, string? letter) =>
        Assert.Equal(letter, TvBench.Parse(answer, ["Down", "Up"]));

    [Fact]
    public void Gold_letters_that_the_harness_reads_otherwise_are_counted()
    {
        var file = Scored.Load(TvBench.Benchmark, ("action_count.json", """
            [{"video":"a.mp4","question":"How many?","candidates":["3","2","4","1"],"answer":"2"},{"video":"b.mp4","question":"How many?","candidates":["0","1"],"answer":"1"}]
            """));
        Assert.Equal(["B", "B"], file.Questions.Select(question => question.Gold));
        var score = Scored.By(TvBench.Benchmark, file, ("action_count_1", "B"), ("action_count_2", "B"));
        Assert.Equal((0.5, 1), (score.Figures[0].Value, score.Figure("number of gold letters that the harness reads otherwise than by text")));
        Assert.Equal(1, Scored.By(TvBench.Benchmark, 2, file, null, ("action_count_1", "B"), ("action_count_2", "B")).Figures[0].Value);
    }
}
