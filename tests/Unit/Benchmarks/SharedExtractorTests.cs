using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class SharedExtractorTests
{
    private const string Goldens = "goldens/benchmarks/video-mme.json";

    [Theory]
    [InlineData("C", "C")]
    [InlineData(" \"C\". ", "C")]
    [InlineData("C. red", "C")]
    [InlineData("A dog is running. So C", "A")]
    [InlineData("As I see, C", "C")]
    [InlineData("The answer is B because A is wrong", "A")]
    [InlineData("I pick B: not (A)", "A")]
    [InlineData("It says (A) or B. or so", "A")]
    [InlineData("It says B. or C: or so", "B")]
    [InlineData("It says C: or D) or so", "C")]
    [InlineData("It says D) or A or so", "D")]
    [InlineData("it says (B) or (A) or (B) or so", "B")]
    [InlineData("nasa said NASA once", "A")]
    [InlineData("xBy", "B")]
    [InlineData("xByA", "A")]
    [InlineData("정답은 B입니다", "B")]
    [InlineData("答案是C吧", "C")]
    public void The_surest_form_wins_and_within_it_the_last_place(string answer, string letter) => Assert.Equal(letter, SharedExtractor.Extract(answer, 4));

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("...")]
    [InlineData("the answer is (b)")]
    [InlineData("E")]
    public void Small_letters_and_letters_that_are_not_offered_are_none(string answer) => Assert.Null(SharedExtractor.Extract(answer, 4));

    [Fact]
    public void A_fifth_letter_is_read_where_five_are_offered() => Assert.Equal("E", SharedExtractor.Extract("(E) the last", 5));

    [BenchmarkGoldenFact(Goldens)]
    public void Answers_are_read_as_the_harness_reads_them()
    {
        foreach (var expected in BenchmarkGoldenFactAttribute.Case(Goldens, "extract").GetProperty("expected").EnumerateObject())
            Assert.Equal(expected.Value.GetProperty("lmms_current").GetString(), SharedExtractor.Extract(expected.Name, 4) ?? "");
    }
}
