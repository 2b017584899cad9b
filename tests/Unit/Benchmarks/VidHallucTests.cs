using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class VidHallucTests
{
    private static readonly BenchmarkFile Four = Scored.Load(VidHalluc.Benchmark,
        ("ach_binaryqa.json", """{"12":[{"q":"Is the man jumping?","a":{"v_clip_1":"Yes","v_clip_2":"No"}}]}"""),
        ("ach_mcq.json", """{"12":{"v_clip_1":{"Question":"What is done?","Choices":{"A":"jumping","B":"running","C":"sitting","D":"eating"},"Correct Answer":"BA"}}}"""),
        ("tsh.json", """{"5":{"video":"w","Question":"Action A. pour. Action B. stir.","Correct Answer":"AB"}}"""),
        ("sth.json", """{"s1":{"Scene change":"Yes","Locations":"from a kitchen to a garden."},"s2":{"Scene change":"No","Locations":"None"}}"""));

    private static readonly (string, string)[] Right =
    [
        ("ach_binaryqa_12_0_v_clip_1", "Yes, he is."), ("ach_binaryqa_12_0_v_clip_2", "no."), ("ach_mcq_12_v_clip_1", "A, B"), ("tsh_5", "Action A, then Action B"),
        ("sth_s1", "Scene change: Yes, Locations: from a kitchen to a garden."), ("sth_s2", "Scene change: No, Locations: None"),
    ];

    [Fact]
    public void Prompts_are_those_of_the_four_tasks()
    {
        Assert.Equal("Is the man jumping? Only answer with a single word 'Yes' or 'No'.", Four.Questions[0].Prompt);
        Assert.Equal(
            "What is done? Please select the correct answer (one or more options), only return your answer(s). (e.g., ABCD)\nChoices:\nA. jumping\nB. running\nC. sitting\nD. eating\n",
            Four.Questions[2].Prompt);
        Assert.StartsWith("Action A. pour. Action B. stir.Sort these two actions", Four.Questions[3].Prompt);
        Assert.Equal("AB", Four.Questions[2].Gold);
    }

    [Fact]
    public void Without_a_sentence_model_scene_changes_have_their_classification_and_no_overall_figure()
    {
        var score = Scored.By(VidHalluc.Benchmark, Four, Right);
        Assert.Equal((1, 1, 1, 1, 1), (score.Figure("BQA (all clips of a question right)"), score.Figure("MCQ"), score.Figure("TSH"), score.Figure("STH MCC, -1 to 1"), score.Figure("STH classification")));
        Assert.All(["STH description", "STH overall", "mean of BQA, MCQ, STH and TSH"], name => Assert.Null(score.Figure(name)));
        Assert.Equal("locations are compared by a sentence model, and there is none here", score.Figures[0].Why);
    }

    [Fact]
    public void With_a_sentence_model_all_four_make_the_mean()
    {
        var score = BenchmarkScorer.Score(
            VidHalluc.Benchmark, VidHalluc.WithSimilarity((said, gold) => said == gold ? 1 : 0), Four.Questions, Right.ToDictionary(answer => answer.Item1, answer => answer.Item2));
        Assert.Equal(1, score.Figure("mean of BQA, MCQ, STH and TSH"));
    }

    [Fact]
    public void A_question_whose_second_clip_has_no_answer_is_wrong() =>
        Assert.Equal(0, Scored.By(VidHalluc.Benchmark, Four, Right[0]).Figure("BQA (all clips of a question right)"));

    [Theory]
    [InlineData("ach_binaryqa_12_0_v_clip_1", "The answer is yes")]
    [InlineData("ach_mcq_12_v_clip_1", "AB")]
    [InlineData("tsh_5", "A before B")]
    [InlineData("sth_s1", "Scene change: Yes., Locations: from a to b.")]
    public void What_the_official_patterns_do_not_read_is_unparsed(string id, string answer) =>
        Assert.Equal(1, Scored.By(VidHalluc.Benchmark, Four, (id, answer)).Unparsed);

    [Theory]
    [InlineData("He is running and jumping", "A")]
    [InlineData("Sitting down", "C")]
    [InlineData("D", "D")]
    [InlineData("B and A", "AB")]
    [InlineData("nothing", null)]
    public void Choices_are_the_single_capitals_else_the_first_choice_whose_text_occurs(string answer, string? letters) =>
        Assert.Equal(letters, VidHalluc.Letters(answer, ["jumping", "running", "sitting", "eating"]));
}
