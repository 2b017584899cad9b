using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class TempCompassTests
{
    private const string Captions = "Which caption matches the video better?\nCaption A: The ball rolls.\nCaption B: The ball bounces.";

    private static readonly BenchmarkFile Four = Scored.Load(TempCompass.Benchmark,
        ("multi-choice.json", """{"7":{"action":[{"question":"What does the ball do?\nA. rolls\nB. bounces","answer":"B. bounces"}]}}"""),
        ("yes_no.json", """{"7":{"action":[{"question":"Is the ball rolling?","answer":"no"}]}}"""),
        ("caption_matching.json", """{"7":{"action":[{"question":"Which caption matches the video better?\nCaption A: The ball rolls.\nCaption B: The ball bounces.","answer":"Caption B: The ball bounces."}]}}"""),
        ("captioning.json", """{"7":{"action":[{"question":"Information A: {}\nGenerated Caption:","answer":"B. bounces"}]}}"""),
        ("meta_info.json", """{"7":{"eval_dim":{"action":{"type":"fine-grained action"},"order":null}}}"""));

    private static readonly (string, string)[] Answers =
        [("multi-choice_7_action_1", "B"), ("yes_no_7_action_1", "Yes"), ("caption_matching_7_action_1", "Caption B"), ("captioning_7_action_1", "A ball bounces.")];

    [Fact]
    public void Each_task_has_its_ending_and_its_groups()
    {
        Assert.Equal(
            ["\nPlease directly give the best option:", "\nPlease answer yes or no:", "\nPlease directly give the best option:", ""],
            Four.Questions.Select(question => question.Prompt[question.Question.Length..]));
        Assert.All(Four.Questions, question => Assert.Equal(new QuestionGroup("aspect", "fine-grained action"), question.Groups[2]));
    }

    [Theory]
    [InlineData("Caption B: The ball bounces.", true)]
    [InlineData("The ball bounces.", true)]
    [InlineData("(B) The ball bounces.", true)]
    [InlineData("Caption B.", true)]
    [InlineData("B", true)]
    [InlineData("A.", false)]
    [InlineData("The ball rolls.", false)]
    [InlineData("b", null)]
    [InlineData("It bounces", null)]
    public void A_caption_is_matched_by_its_line_sentence_name_or_letter(string answer, bool? right) =>
        Assert.Equal(right, TempCompassRules.Caption(answer, Captions, "Caption B: The ball bounces."));

    [Fact]
    public void Without_a_judge_captions_are_unjudged_and_there_is_no_overall_figure()
    {
        var score = Scored.By(TempCompass.Benchmark, Four, Answers);
        Assert.Equal((1, 0), (score.Unjudged, score.Unparsed));
        Assert.Null(score.Figures[0].Value);
        Assert.Equal("captioning answers without a judge", score.Figures[0].Why);
        Assert.Equal((1, 0, 1, null), (score.Figure("multi-choice"), score.Figure("yes_no"), score.Figure("caption_matching"), score.Figure("captioning")));
    }

    [Fact]
    public void An_answer_that_no_rule_matches_goes_to_the_judge_or_is_unparsed_by_the_protocol_without_one()
    {
        (string, string)[] answers = [("multi-choice_7_action_1", "(B) bounces")];
        Assert.Equal((1, 0), Counts(Scored.By(TempCompass.Benchmark, Four, answers)));
        Assert.Equal((0, 1), Counts(Scored.By(TempCompass.Benchmark, 1, Four, null, answers)));
        static (int, int) Counts(BenchmarkScore score) => (score.Unjudged, score.Unparsed);
    }

    [Fact]
    public async Task The_judge_is_asked_only_what_no_rule_reads_and_is_named_in_the_result()
    {
        var judge = new Scripted("Reasoning: it says so.\nAnswer: B. bounces");
        var judged = await BenchmarkJudging.JudgeAsync(
            TempCompass.Benchmark.Protocols[0], Four.Questions, Answers.ToDictionary(answer => answer.Item1, answer => answer.Item2), judge, CancellationToken.None);
        var asked = Assert.Single(judge.Asked);
        Assert.Contains("A ball bounces.", asked.User);
        Assert.EndsWith("What does the ball do?\nA. rolls\nB. bounces", asked.User);
        var score = Scored.By(TempCompass.Benchmark, 0, Four, judged, Answers);
        Assert.Equal(("scripted", 0, 0.75, 0.75), (score.Judge, score.Unjudged, score.Figure("mean of the four tasks"), score.Figure("accuracy over all questions")));
    }

    [Fact]
    public async Task Words_of_the_judge_that_cannot_be_read_leave_the_answer_unjudged()
    {
        var judged = await BenchmarkJudging.JudgeAsync(
            TempCompass.Benchmark.Protocols[0], Four.Questions, Answers.ToDictionary(answer => answer.Item1, answer => answer.Item2), new Scripted(""), CancellationToken.None);
        Assert.Equal(1, Scored.By(TempCompass.Benchmark, 0, Four, judged, Answers).Unjudged);
    }

    [Fact]
    public async Task A_protocol_of_rules_alone_has_nothing_to_judge() =>
        await Assert.ThrowsAsync<NotSupportedException>(() => BenchmarkJudging.JudgeAsync(
            MvBench.Benchmark.Protocols[0], [], new Dictionary<string, string>(), new Scripted(""), CancellationToken.None));

    private sealed class Scripted(string words) : IBenchmarkJudge
    {
        public List<JudgeRequest> Asked { get; } = [];
        public string Id => "scripted";

        public Task<string?> AskAsync(JudgeRequest request, CancellationToken cancellation)
        {
            Asked.Add(request);
            return Task.FromResult<string?>(words);
        }
    }
}
