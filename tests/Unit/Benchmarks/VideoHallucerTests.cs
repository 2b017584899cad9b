using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class VideoHallucerTests
{
    private static readonly BenchmarkFile Pair = Scored.Load(VideoHallucer.Benchmark, ("object_relation/object_relation.json", """
        [{"basic":{"video":"a1.mp4","question":"Is there a kite?","answer":"yes"},"hallucination":{"video":"a2.mp4","question":"Is there a balloon?","answer":"no"},"type":"object"}]
        """));

    [Fact]
    public void A_pair_is_two_questions_of_one_unit_each_about_its_own_video()
    {
        Assert.Equal(["object_relation_1_basic", "object_relation_1_hallucination"], Pair.Questions.Select(question => question.Id));
        Assert.Equal(["object_relation/a1.mp4", "object_relation/a2.mp4"], Pair.Questions.Select(question => question.VideoPath));
        Assert.Single(Pair.Questions.Select(question => question.Unit).Distinct());
        Assert.Equal("Is there a kite?\nAnswer the question using 'yes' or 'no'.", Pair.Questions[0].Prompt);
    }

    [Theory]
    [InlineData("Yes.", "No.", 1, 0)]
    [InlineData("Yes, there is no doubt", "no", 1, 0)]
    [InlineData("yes", "Yes, but no balloon", 1, 0)]
    [InlineData("yes", "yes", 0, 0)]
    [InlineData("Yesterday", "Nothing", 0, 2)]
    public void A_pair_is_right_where_both_gold_words_occur(string basic, string made, double accuracy, int unparsed)
    {
        var score = Scored.By(VideoHallucer.Benchmark, Pair, ("object_relation_1_basic", basic), ("object_relation_1_hallucination", made));
        Assert.Equal((accuracy, unparsed), (score.Figures[0].Value, score.Unparsed));
        Assert.Equal(1, score.Categories.Single(category => category.Name == "object_relation").Items);
    }

    [Fact]
    public void A_pair_with_one_answer_is_wrong_and_the_headline_says_which_subsets_are_absent()
    {
        var score = Scored.By(VideoHallucer.Benchmark, Pair, ("object_relation_1_basic", "yes"));
        Assert.Equal((0, 1), (score.Figures[0].Value, score.Missing));
        Assert.Equal("accuracy (without temporal, semantic_detail, external_factual, external_nonfactual)", score.Figures[0].Name);
    }
}
