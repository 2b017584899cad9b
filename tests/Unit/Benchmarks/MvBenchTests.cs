using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class MvBenchTests
{
    private static readonly BenchmarkFile Bounded = Scored.Load(MvBench.Benchmark, ("json/action_sequence.json", """
        [{"video":"v7.mp4","question":"What did the person do first?","candidates":["Opened the door.","Closed the box.","Sat down."],"answer":"Closed the box.","start":3.1,"end":11.4}]
        """));

    [Fact]
    public void A_record_becomes_the_harness_prompt_with_the_part_of_the_video_that_is_asked_about()
    {
        var question = Assert.Single(Bounded.Questions);
        Assert.Equal("Question:What did the person do first?\nOption:\n(A) Opened the door.\n(B) Closed the box.\n(C) Sat down.\nOnly give the best option.\n", question.Prompt);
        Assert.Equal(("action_sequence_1", "star/Charades_segment/v7.mp4", "B", 3), (question.Id, question.VideoPath, question.Gold, question.Options));
        Assert.Equal(new TimeSpanSeconds(3.1, 11.4), question.Part);
    }

    [Theory]
    [InlineData("(B) Closed the box.", 0, 1.0, 0)]
    [InlineData("a box", 0, 0.0, 0)]
    [InlineData("Closed the box.", 0, 0.0, 1)]
    [InlineData("B) Closed", 1, 1.0, 0)]
    [InlineData("A) Opened", 1, 0.0, 0)]
    public void Answers_are_read_by_the_rule_of_the_protocol(string answer, int protocol, double credit, int unparsed)
    {
        var score = Scored.By(MvBench.Benchmark, protocol, Bounded, null, ("action_sequence_1", answer));
        Assert.Equal((credit, unparsed), (score.Figures[0].Value, score.Unparsed));
    }

    [Fact]
    public void An_empty_answer_leaves_the_harness_denominator_and_passes_the_official_check_and_is_counted_by_both()
    {
        var harness = Scored.By(MvBench.Benchmark, 0, Bounded, null, ("action_sequence_1", ""));
        Assert.Equal((null, 1), (harness.Figures[0].Value, harness.Unparsed));
        var official = Scored.By(MvBench.Benchmark, 1, Bounded, null, ("action_sequence_1", ""));
        Assert.Equal((1, 1), (official.Figures[0].Value, official.Unparsed));
    }

    [Fact]
    public void The_official_protocol_has_its_system_message_and_begins_the_answer()
    {
        var protocol = MvBench.Benchmark.Protocols[1];
        Assert.Equal("Best option:(", protocol.AnswerStart);
        Assert.EndsWith("select the best option that accurately addresses the question.\n", protocol.System);
        Assert.StartsWith("Question: What did", protocol.Prompt(Bounded.Questions[0]));
        Assert.EndsWith("(C) Sat down.\nOnly give the best option.", protocol.Prompt(Bounded.Questions[0]));
    }
}
