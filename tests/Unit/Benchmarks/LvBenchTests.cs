using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class LvBenchTests
{
    private const string Line = """{"key":"x-Y_z","type":"cartoon","video_info":{},"qa":[{"uid":"11","question":"Who waves?\n(A) Ann\n(B) Bob\n(C) Cid\n(D) Dan","answer":"C","question_type":["reasoning","entity recognition"],"time_reference":"00:15-00:19"}]}""";

    [Fact]
    public void One_video_a_line_gives_questions_that_count_under_each_of_their_abilities()
    {
        var question = Assert.Single(Scored.Load(LvBench.Benchmark, ("m.jsonl", Line + "\n")).Questions);
        Assert.Equal(("11", "x-Y_z.mp4", "C"), (question.Id, question.VideoPath, question.Gold));
        Assert.Equal([new("type", "cartoon"), new("question_type", "reasoning"), new("question_type", "entity recognition")], question.Groups);
    }

    [Theory]
    [InlineData("C", "C")]
    [InlineData("(C) Cid", "C")]
    [InlineData("The answer is (C).", "C")]
    [InlineData("C. Cid", "C")]
    [InlineData("The answer is C", null)]
    [InlineData("c", null)]
    [InlineData("", null)]
    public void The_letter_stands_behind_a_bracket_or_at_the_beginning(string answer, string? letter) => Assert.Equal(letter, LvBench.Parse(answer));

    [Fact]
    public void A_line_that_is_no_JSON_and_an_id_that_comes_again_are_named_by_their_line()
    {
        var loaded = LvBench.Load($"{Line}\n{{oops\n\n{Line.Replace("reasoning", "guessing")}\n{Line}", "a.jsonl");
        Assert.Single(loaded.Questions);
        Assert.Contains("a.jsonl: is no JSON in line 2", loaded.Problems[0]);
        Assert.Contains("field 'question_type' is 'guessing, entity recognition', not of the 6 abilities (line 4)", loaded.Problems[1]);
        Assert.Contains("field 'uid' stands in an earlier record too (line 5)", loaded.Problems[2]);
    }
}
