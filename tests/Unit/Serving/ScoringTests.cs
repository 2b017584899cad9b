using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A score is the sum of the log-probabilities of the tokens that a continuation adds to the prompt.</summary>
public sealed class ScoringTests : IDisposable
{
    private const string Question = "Where is the red circle?";

    private readonly RandomCheckpoint _checkpoint = new();
    private readonly VideoLanguageModel _model;

    public ScoringTests() => _model = VideoLanguageModel.Load(_checkpoint.Folder, "random");

    [Fact]
    public async Task The_scores_of_all_first_bytes_are_a_probability_each_and_the_answer_has_the_greatest()
    {
        var frames = RandomCheckpoint.Frames(4);
        string[] letters = [.. Enumerable.Range('A', 26).Select(letter => ((char)letter).ToString())];
        var scores = await _model.ScoreAsync(frames, Question, letters);
        Assert.Equal(letters, scores.Select(score => score.Continuation));
        Assert.All(scores, score => Assert.True(score.LogProbability < 0 && score.TokenLogProbabilities.Count == 1));
        Assert.True(scores.Sum(score => Math.Exp(score.LogProbability)) < 1);
        Assert.Equal(4, _model.Counters.FramesEncoded);
    }

    [Fact]
    public async Task A_longer_continuation_adds_up_token_by_token()
    {
        var frames = RandomCheckpoint.Frames(4);
        var scores = await _model.ScoreAsync(frames, Question, ["A", "AB", "ABC", "B", "x y"]);
        Assert.Equal(scores[0].LogProbability, scores[1].TokenLogProbabilities[0], 5);
        Assert.Equal(scores[1].TokenLogProbabilities[1], scores[2].TokenLogProbabilities[1], 4);
        Assert.Equal(scores[2].TokenLogProbabilities.Sum(), scores[2].LogProbability, 9);
        Assert.Equal([1, 2, 3, 1, 3], scores.Select(score => score.TokenLogProbabilities.Count));
        var alone = (await _model.ScoreAsync(frames, Question, ["x y"]))[0];
        Assert.Equal(alone.LogProbability, scores[4].LogProbability, 4);
    }

    [Fact]
    public async Task They_are_the_numbers_of_the_training_model()
    {
        var frames = RandomCheckpoint.Frames(4);
        string[] answers = ["at the left", "C", "\nthe aaaa"];
        var scores = await _model.ScoreAsync(frames, Question, answers);

        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var tokenizer = Tokenizer.Load(_checkpoint.Folder);
        var model = Checkpoint.Load(_checkpoint.Folder);
        var normalizer = new ImageNormalizer(_model.Config.Vision);
        var pixels = tensor(frames.SelectMany(normalizer.Normalize).ToArray()).reshape(frames.Count, 3, RandomCheckpoint.ImageSize, RandomCheckpoint.ImageSize);
        long[] Ids(string begun) => [.. ChatTemplate.Prefix(tokenizer).Append(ChatTemplate.VideoMark).Concat(ChatTemplate.Turn(tokenizer, Question, begun: begun)).Select(id => (long)id)];
        for (var i = 0; i < answers.Length; i++)
        {
            var whole = Ids(answers[i]);
            var added = whole.Length - whole.AsSpan().CommonPrefixLength(Ids(""));
            var states = PlainSequence.HiddenStates(model, PlainSequence.Embed(model, whole, model.EncodeVideo(pixels)));
            var logits = model.Logits(states[^1]);
            var logProbabilities = nn.functional.log_softmax(logits, -1);
            var rows = (int)logits.shape[0];
            for (var token = 0; token < added; token++)
            {
                var expected = logProbabilities[rows - 1 - added + token, whole[^(added - token)]].item<float>();
                Assert.Equal(expected, scores[i].TokenLogProbabilities[token], 3);
            }
            Assert.Equal(added, scores[i].TokenLogProbabilities.Count);
        }
    }

    [Fact]
    public async Task Long_continuations_side_by_side_score_as_each_alone()
    {
        // More tokens than are scored at once, and borders between pieces in the middle of a continuation.
        string[] answers = [new string('a', 50), new string('b', 1), new string('c', 90), new string('d', 130)];
        var frames = RandomCheckpoint.Frames(2);
        var together = await _model.ScoreAsync(frames, Question, answers);
        foreach (var (answer, score) in answers.Zip(together))
        {
            var alone = (await _model.ScoreAsync(frames, Question, [answer]))[0];
            Assert.Equal(alone.TokenLogProbabilities.Count, score.TokenLogProbabilities.Count);
            for (var i = 0; i < alone.TokenLogProbabilities.Count; i++)
                Assert.Equal(alone.TokenLogProbabilities[i], score.TokenLogProbabilities[i], 4);
        }
        Assert.True(together.Sum(score => score.TokenLogProbabilities.Count) > 128);
    }

    [Fact]
    public async Task Nothing_has_no_probability()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => _model.ScoreAsync(RandomCheckpoint.Frames(1), Question, ["A", ""]));
        Assert.Contains("Continuation 1 is empty", error.Message);
        Assert.Empty(await _model.ScoreAsync(RandomCheckpoint.Frames(1), Question, []));
    }

    public void Dispose()
    {
        _model.Dispose();
        _checkpoint.Dispose();
    }
}
