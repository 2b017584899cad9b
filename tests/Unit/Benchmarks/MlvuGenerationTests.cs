using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class MlvuGenerationTests
{
    private static readonly BenchmarkFile File = Scored.Load(Mlvu.Benchmark,
        ("8_sub_scene.json", """[{"video":"a.mp4","duration":5,"question":"Describe it.","answer":"A man runs.","question_type":"subPlot","scoring_points":["a man","runs"]}]"""),
        ("9_summary.json", """[{"video":"b.mp4","duration":5,"question":"Summarise it.","answer":"Waves.","question_type":"summary"}]"""));

    [Fact]
    public void Free_answers_wait_for_a_judge_and_the_average_says_so()
    {
        var score = Scored.By(Mlvu.Benchmark, File, ("8_sub_scene_1", "He runs."), ("9_summary_1", "Waves."));
        Assert.Equal((2, null, "answers without a judge's score"), (score.Unjudged, score.Figures[^1].Value, score.Figures[^1].Why));
        Assert.Null(score.Figures[0].Value);
    }

    [Fact]
    public void Two_scores_of_one_to_five_make_the_average_and_words_without_both_add_nothing()
    {
        var judged = new Judgements("judge", new Dictionary<string, string> { ["8_sub_scene_1"] = "accuracy: 4\nrelevance: 5", ["9_summary_1"] = "quite good" });
        var score = Scored.By(Mlvu.Benchmark, 0, File, judged, ("8_sub_scene_1", "He runs."), ("9_summary_1", "Waves."));
        Assert.Equal((4.5, 1, 0), (score.Figures[^1].Value, score.Unparsed, score.Unjudged));
    }

    [Fact]
    public void The_judge_sees_the_points_that_count()
    {
        var request = Mlvu.Benchmark.Protocols[0].Judge!.Ask(File.Questions[0], "He runs.");
        Assert.Contains("A man runs.\nPoints that count:\na man\nruns", request.User);
        Assert.EndsWith("Answer:\nHe runs.", request.User);
    }
}
