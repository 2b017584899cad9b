using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Shared.Models;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Model;
using Tpo.Tests.Unit.Serving;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Training;

/// <summary>Two labelled rows, as trainers with separate sequences have them, become one row with a shared prefix.</summary>
public sealed class LabelledPairTests
{
    private const int Video = LabelledPair.Video, No = LabelledPair.Ignored;

    [Fact]
    public void What_both_rows_share_is_the_prefix_and_its_labels_count_for_both()
    {
        BranchedSequence sequence = LabelledPair.Join(
            [1, 2, Video, 4, 5, 6], [1, 2, No, 4, No, 6],
            [1, 2, Video, 4, 7, 8, 9], [1, 2, No, 4, No, 8, 9], videoRows: 3);
        Assert.Equal([1, 2, 0, 0, 0, 4, 5, 7, 8], sequence.Ids);
        // Token 1 is the first, so nothing predicts it; 4 stands behind the three rows of the video.
        AnswerTarget[] targets =
        [
            new(0, 2, AnswerTarget.Shared), new(4, 4, AnswerTarget.Shared), new(6, 6, 0), new(7, 8, 1), new(8, 9, 1),
        ];
        Assert.Equal(targets, sequence.Targets);
        Assert.Equal(2, sequence.SharedTargets);
    }

    [Fact]
    public void A_beginning_that_both_answers_share_is_read_once_too()
    {
        BranchedSequence sequence = LabelledPair.Join([1, Video, 5, 6, 9], [No, No, 5, 6, 9], [1, Video, 5, 7, 9], [No, No, 5, 7, 9], videoRows: 1);
        Assert.Equal([1, 0, 5, 6, 7], sequence.Ids);
        Assert.Equal([new AnswerTarget(1, 5, AnswerTarget.Shared), new AnswerTarget(2, 6, 0), new AnswerTarget(3, 9, 0), new AnswerTarget(2, 7, 1), new AnswerTarget(4, 9, 1)], sequence.Targets);
    }

    [Fact]
    public void A_branch_scores_as_its_own_sequence_does_with_the_prompts_tokens()
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        int[] chosen = [1, 2, Video, 4, 5, 6], chosenLabels = [1, 2, No, 4, No, 6], rejected = [1, 2, Video, 4, 7, 8, 9], rejectedLabels = [1, 2, No, 4, No, 8, 9];
        var video = model.ProjectFrames(TinyModel.Patches(1, 3));
        float[] Sums(BranchedSequence sequence)
        {
            var tokens = SharedPrefixBatch.TokenLogProbs(model, [sequence], [video])[0];
            return TinyModel.Values(SharedPrefixBatch.SumByBranch(sequence, tokens).to_type(ScalarType.Float32));
        }
        int rows = (int)video.shape[0];
        float[] together = Sums(LabelledPair.Join(chosen, chosenLabels, rejected, rejectedLabels, rows));
        // Each answer beside itself: two branches with the same numbers, which only its own sequence decides.
        Assert.Equal(Sums(LabelledPair.Join(chosen, chosenLabels, chosen, chosenLabels, rows))[0], together[0], 1e-4f);
        Assert.Equal(Sums(LabelledPair.Join(rejected, rejectedLabels, rejected, rejectedLabels, rows))[0], together[1], 1e-4f);
    }

    [Theory]
    [InlineData(LabelMask.Answer)]
    [InlineData(LabelMask.LongVa)]
    public void A_request_decides_which_tokens_of_a_pair_are_scored(LabelMask mask)
    {
        var tokenizer = Tokenizer.Load(Goldens.Own("Serving", "goldens", "tokenizer", "tiny"));
        var pair = new { Query = "What comes first?", Chosen = "red, then blue", Rejected = "blue" };
        BranchedSequence sequence = PreparedPair.SequenceOf(
            pair.Query, pair.Chosen, pair.Rejected, tokenizer, TinyModel.Config, new TrainingRequest { LabelMask = mask, FramesPerVideo = 2 });
        string Scored(params int[] branches) => tokenizer.Decode([.. sequence.Targets.Where(target => branches.Contains(target.Branch)).Select(target => target.Token)]);
        if (mask == LabelMask.Answer)
            Assert.Equal(("red, then blue<|im_end|>", "blue<|im_end|>", 0), (Scored(0), Scored(1), sequence.SharedTargets));
        else
        {
            Assert.Equal(("red, then blue<|im_end|>\n", "blue<|im_end|>\n"), (Scored(0), Scored(1)));
            // The first mark of all is predicted by nothing.
            Assert.Equal("<|im_end|>\n<|im_start|><|im_end|>\n<|im_start|>", Scored(AnswerTarget.Shared));
        }
        Assert.Equal(VideoTokens.Count(2, TinyModel.Config), sequence.VideoTokens);
    }

    [Fact]
    public void Rows_that_are_no_pair_are_refused_in_a_sentence()
    {
        int[] ids = [1, Video, 3, 4], labels = [No, No, No, 4];
        Refused("differ before the video's place", ids, labels, [2, Video, 3, 4], labels);
        Refused("The chosen answer has 4 ids and 3 labels", ids, [No, No, No], ids, labels);
        Refused("0 places for the video (-200); there must be one", [1, 2, 3, 4], labels, ids, labels);
        Refused("Label 3 of the rejected answer is 9, its token 4", ids, labels, ids, [No, No, No, 9]);
        Refused("labelled from one token on to its end", ids, labels, [1, Video, 5, 4], [No, No, 5, No]);
    }

    private static void Refused(string sentence, int[] chosen, int[] chosenLabels, int[] rejected, int[] rejectedLabels) =>
        Assert.Contains(sentence, Assert.Throws<InvalidDataException>(() => LabelledPair.Join(chosen, chosenLabels, rejected, rejectedLabels, 2)).Message);
}
