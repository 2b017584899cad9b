using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Model;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Unit.Training;

/// <summary>What a dry run prints is what training learns.</summary>
public sealed class DryRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;

    public DryRunTests() => _tokenizer = Tokenizer.Load(SmallTokenizer.WriteTo(_folder.Path));

    [Fact]
    public void A_pair_is_shown_as_the_model_sees_it_with_its_answers_tokens_in_brackets_and_no_others()
    {
        string[] lines = [.. DryRun.Pair(Outline().Sequence(Pair("the", "é!")), _tokenizer, TinyModel.Config)];
        Assert.Equal(
        [
            @"prompt    <|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n",
            "video     12 tokens",
            @"question  \nWhat is the first?<|im_end|>\n<|im_start|>assistant\n",
            "chosen    ⟦the⟧⟦<|im_end|>⟧",
            // é is two bytes, and this vocabulary has no token for both.
            @"rejected  ⟦\xc3⟧⟦\xa9⟧⟦!⟧⟦<|im_end|>⟧",
        ], lines[..5]);
        Assert.Single(lines[5..]);
    }

    [Fact]
    public void The_brackets_are_the_scored_tokens_of_the_sequence_that_is_trained_wherever_they_are()
    {
        int[] before = _tokenizer.Encode("ab"), after = _tokenizer.Encode("cd"), chosen = _tokenizer.Encode("the"), rejected = _tokenizer.Encode("xy");
        // The second token of what is before the video is learnt, and the first behind it; a branch's context is only read.
        var sequence = new BranchedSequence(before, 3, after, [new Branch(_tokenizer.Encode("z"), chosen), new Branch([], rejected)], learntRows: [1, 5]);
        string[] lines = [.. DryRun.Pair(sequence, _tokenizer, TinyModel.Config)];
        Assert.Equal(["prompt    a⟦b⟧", "video     3 tokens", "question  ⟦c⟧d", "chosen    z⟦the⟧", "rejected  ⟦x⟧⟦y⟧"], lines[..5]);
        Assert.Equal(sequence.Targets.Count, string.Concat(lines).Count(c => c == DryRun.Open));
        Assert.Equal("tokens    prefix 7, scored 2 of the prefix, 1 of chosen, 2 of rejected; one row of 9; 8 of the 32768 that the model reads", lines[5]);
    }

    [Fact]
    public void The_pairs_are_those_of_the_first_step_and_the_rates_those_of_the_schedule()
    {
        var outline = Outline() with { Pairs = [.. Enumerable.Range(0, 5).Select(index => Pair($"the {index}", "no") with { PairId = $"pair-{index}" })] };
        string[] lines = [.. DryRun.Lines(outline)];
        Assert.Equal("base model tiny, dataset set/v1: 5 pairs of 1 videos, 2 frames of each", lines[0]);
        Assert.Equal("10 steps of 2 pairs: 4 epochs; learning rate 0.001 at the first step, 3.02E-05 at the last", lines[1]);
        Assert.Equal(
            PairOrder.Batch(5, 2, outline.Request.Seed, 0).Select((pair, index) => $"first step, pair {index + 1} of 2: pair-{pair}, video one.mp4"),
            lines.Where(line => line.StartsWith("first step", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_row_that_the_model_cannot_read_is_called_too_long()
    {
        string Tokens(int longest) => DryRun.Pair(Outline().Sequence(Pair("the", "the")), _tokenizer, TinyModel.Config with { MaxLength = longest }).Last();
        int length = int.Parse(Tokens(5000).Split("; ")[^1].Split(' ')[0]);
        Assert.DoesNotContain("TOO LONG", Tokens(length));
        Assert.Contains("TOO LONG, training refuses it", Tokens(length - 1));
    }

    [Fact]
    public void The_plan_is_made_for_the_longest_pair()
    {
        var shortest = Outline();
        var longer = shortest with { Pairs = [.. shortest.Pairs, Pair("the longest of all answers", "no")] };
        var plan = longer.Plan(onDevice: false);
        var sequence = longer.Sequence(longer.Pairs[1]);
        Assert.Equal((sequence.Length, sequence.Targets.Count), (plan.Rows, plan.Pair.Scored));
        Assert.Equal(sequence.Length - sequence.PrefixLength + 1, plan.Pair.LastRows);
    }

    public void Dispose() => _folder.Dispose();

    private RunOutline Outline() => new(
        new TrainingRequest { BaseModel = "tiny", Dataset = "set/v1", Steps = 10, BatchSize = 2, LearningRate = 1e-3, FramesPerVideo = 2 },
        TinyModel.Config, _tokenizer, [Pair("the", "no")]);

    private static PreferencePair Pair(string chosen, string rejected) => new()
    {
        PairId = "a", Kind = PairKind.Comprehensive, VideoId = "one", VideoBlob = "one.mp4", Query = "What is the first?", QueryType = "order",
        ReferenceAnswer = chosen, Chosen = chosen, Rejected = rejected, ChosenPlan = new FramePlan("whole", [0], [0]), RejectedPlan = new FramePlan("whole", [0], [0]),
        PromptIds = new Dictionary<string, string>(), ModelId = "tiny", ModelRevision = "", Preprocess = ImageRecipe.Reference, Seed = 7,
        Verdict = new Verdict("Yes", "No", "Yes", "No", "test"), Cost = new Cost(0, 0, 0),
    };
}
