using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>What `./tpo bench serving` measures, without its clock: ten questions compute their video once, and say what each would say alone.</summary>
public sealed class TenQuestionsTests
{
    private const int Frames = 8;
    private static readonly string[] Questions = [.. Enumerable.Range(0, 10).Select(number => $"Question {number}: what comes right after thing {number * 7}?")];

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public async Task Ten_questions_encode_one_video_and_get_the_tokens_that_each_gets_without_reuse(int newTokens)
    {
        using var checkpoint = new RandomCheckpoint();
        var frames = RandomCheckpoint.Frames(Frames);
        var options = new GenerationOptions(newTokens);
        var alone = new List<IReadOnlyList<int>>();
        foreach (var question in Questions)
        {
            using var fresh = VideoLanguageModel.Load(checkpoint.Folder, "fresh");
            alone.Add((await fresh.AnswerAsync(frames, [question], options))[0].Tokens);
            Assert.Equal((Frames, 0), (fresh.Counters.FramesEncoded, fresh.Counters.VideoHits));
        }
        Assert.True(alone.Select(tokens => string.Join(' ', tokens)).Distinct().Count() > 1, "the questions should have different answers");

        using var model = VideoLanguageModel.Load(checkpoint.Folder, "reusing");
        var first = await model.AnswerAsync(frames, Questions[..1], options);
        var nine = await model.AnswerAsync(frames, Questions[1..], options);
        Assert.Equal(alone, first.Concat(nine).Select(answer => answer.Tokens));
        for (var i = 0; i < Questions.Length; i++)
            Assert.Equal(alone[i], (await model.AnswerAsync(frames, [Questions[i]], options))[0].Tokens);
        Assert.Equal((Frames, 1, 1 + Questions.Length), (model.Counters.FramesEncoded, model.Counters.VideoMisses, model.Counters.VideoHits));
    }

    [Fact]
    public async Task A_budget_for_one_video_computes_it_again_after_another_and_says_the_same()
    {
        using var checkpoint = new RandomCheckpoint();
        var frames = RandomCheckpoint.Frames(Frames);
        var options = new GenerationOptions(MaxNewTokens: 16);
        using var roomy = VideoLanguageModel.Load(checkpoint.Folder, "roomy");
        var expected = await roomy.AnswerAsync(frames, Questions, options);

        using var tight = VideoLanguageModel.Load(checkpoint.Folder, "tight", new ServingOptions { CacheBytes = roomy.Counters.CacheBytes });
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(expected.Select(answer => answer.Tokens), (await tight.AnswerAsync(frames, Questions, options)).Select(answer => answer.Tokens));
            await tight.AnswerAsync([.. frames.Reverse()], Questions, options);
        }
        Assert.Equal((4 * Frames, 4), (tight.Counters.FramesEncoded, tight.Counters.VideoMisses));
    }
}
