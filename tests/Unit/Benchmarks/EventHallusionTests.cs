using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class EventHallusionTests
{
    private static readonly BenchmarkFile File = Scored.Load(EventHallusion.Benchmark,
        ("entire_questions.json", """
            [{"id":"entire_900","category":"sports","length":"00:07","event_info":{"object":["ball"],"scene":"In a park.","caption":"A boy throws a ball over a fence.","bias":"A boy plays catch."},
              "questions":[{"type":"hallucination","question":"Is the boy playing catch in the video?","answer":"No."}]}]
            """),
        ("interleave_questions.json", """
            [{"id":"interleave_900","category":"sports","length":"00:07","event_info":{"object":[],"scene":"s","caption":"A boy runs.","unexpected":"A dog flies."},
              "questions":[{"type":"hallucination","question":"Does a dog fly?","answer":"Yes."}]}]
            """));

    [Fact]
    public void A_video_gives_its_questions_and_a_description_whose_truth_is_the_caption_or_what_is_unexpected()
    {
        Assert.Equal(["entire_900_1", "entire_900_description", "interleave_900_1", "interleave_900_description"], File.Questions.Select(question => question.Id));
        Assert.Equal(["No.", "A boy throws a ball over a fence.", "Yes.", "A dog flies."], File.Questions.Select(question => question.Gold));
        Assert.Equal("entire/entire_900.mp4", File.Questions[0].VideoPath);
    }

    [Fact]
    public void The_splits_are_told_apart_and_descriptions_without_a_judge_say_so()
    {
        var score = Scored.By(EventHallusion.Benchmark, File, ("entire_900_1", "No"), ("interleave_900_1", "Not at all"), ("entire_900_description", "A boy throws a ball."));
        Assert.Equal((0.5, 1, 0), (score.Figures[0].Value, score.Figure("accuracy, entire"), score.Figure("accuracy, interleave")));
        Assert.Equal(("1 of 1 descriptions without a judge", 1), (score.Figures[^1].Why, score.Unjudged));
    }

    [Fact]
    public void A_judge_decides_descriptions_and_an_answer_with_a_blank_before_it_is_unparsed()
    {
        var judged = new Judgements("judge", new Dictionary<string, string> { ["entire_900_description"] = "**Yes.** It tells so." });
        var score = Scored.By(EventHallusion.Benchmark, 0, File, judged, ("entire_900_1", " No"), ("entire_900_description", "A boy throws a ball."));
        Assert.Equal((1, 1, 0, "judge"), (score.Figure("descriptions that match"), score.Unparsed, score.Unjudged, score.Judge));
    }
}
