using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A video is computed once, for this call's questions and for later ones, within a budget of memory.</summary>
public sealed class RememberedVideoTests : IDisposable
{
    private static readonly GenerationOptions Short = new(MaxNewTokens: 12);
    private static readonly string[] Questions = ["What is shown first?", "What is shown last?", "Where is the red circle?", "\nand what then?", "Why?"];

    private readonly RandomCheckpoint _checkpoint = new();

    [Fact]
    public async Task A_later_question_finds_the_video_computed_and_gets_the_same_answer()
    {
        using var model = Load();
        using var fresh = Load();
        var frames = RandomCheckpoint.Frames(6);
        await model.AnswerAsync(frames, [Questions[0]], Short);
        var later = await model.AnswerAsync(frames, [Questions[1]], Short);
        Assert.Equal((6, 1, 1, 1), (model.Counters.FramesEncoded, model.Counters.VideoHits, model.Counters.VideoMisses, model.Counters.VideosRemembered));
        Assert.Equal((await fresh.AnswerAsync(frames, [Questions[1]], Short))[0].Tokens, later[0].Tokens);
    }

    [Fact]
    public async Task A_video_is_known_by_its_pixels()
    {
        using var model = Load();
        var frames = RandomCheckpoint.Frames(3);
        await model.AnswerAsync(frames, [Questions[0]], Short);
        await model.AnswerAsync([.. frames.Select(frame => frame with { Rgb = [.. frame.Rgb], Index = 99 })], [Questions[0]], Short);
        Assert.Equal(1, model.Counters.VideoHits);
        var changed = frames[2].Rgb.ToArray();
        changed[0] ^= 1;
        await model.AnswerAsync([frames[0], frames[1], frames[2] with { Rgb = changed }], [Questions[0]], Short);
        await model.AnswerAsync([.. frames.Reverse()], [Questions[0]], Short);
        Assert.Equal((1, 3), (model.Counters.VideoHits, model.Counters.VideoMisses));
    }

    [Fact]
    public async Task The_video_that_was_used_longest_ago_goes_first()
    {
        // Three such videos take two thirds of a budget of four and a half.
        using var model = Load(new ServingOptions { CacheBytes = 3 * BytesOfOne() + BytesOfOne() / 2 });
        await Ask(0);
        await Ask(1);
        await Ask(2);
        await Ask(0);
        Assert.Equal(1, model.Counters.VideoHits);
        await Ask(3);
        Assert.Equal(3, model.Counters.VideosRemembered);
        await Ask(0);
        await Ask(2);
        Assert.Equal(3, model.Counters.VideoHits);
        await Ask(1);
        Assert.Equal((3, 5), (model.Counters.VideoHits, model.Counters.VideoMisses));
        Assert.True(model.Counters.CacheBytes <= 3 * BytesOfOne() + BytesOfOne() / 2);

        Task Ask(int video) => model.AnswerAsync([.. RandomCheckpoint.Frames(8).Skip(2 * video).Take(2)], [Questions[0]], Short);
        long BytesOfOne()
        {
            using var other = Load();
            other.AnswerAsync(RandomCheckpoint.Frames(2), [Questions[0]], Short).Wait();
            return other.Counters.CacheBytes;
        }
    }

    [Fact]
    public async Task Little_memory_means_smaller_groups_and_the_same_answers()
    {
        using var roomy = Load();
        var frames = RandomCheckpoint.Frames(6);
        var expected = await roomy.AnswerAsync(frames, Questions, Short);
        var bytesAToken = KeyValueCache.BytesFor(roomy.Config, 1);
        // Room for the video and about two questions at a time.
        using var tight = Load(new ServingOptions { CacheBytes = bytesAToken * (expected[0].PromptTokens + 100) });
        using var single = Load(new ServingOptions { MaxBatch = 1 });
        var found = await tight.AnswerAsync(frames, Questions, Short);
        Assert.True(tight.Counters.CacheBytes <= bytesAToken * (expected[0].PromptTokens + 100));
        Assert.Equal(6, tight.Counters.FramesEncoded);
        Assert.Equal(expected.Select(answer => answer.Text), found.Select(answer => answer.Text));
        Assert.Equal(expected.Select(answer => answer.Text), (await single.AnswerAsync(frames, Questions, Short)).Select(answer => answer.Text));

        using var none = Load(new ServingOptions { CacheBytes = bytesAToken * 40 });
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => none.AnswerAsync(frames, Questions, Short));
        Assert.Contains("of keys and values; the budget is", refusal.Message);
        Assert.Equal(0, none.Counters.FramesEncoded);
    }

    [Fact]
    public async Task A_call_cancelled_while_it_writes_leaves_the_video_usable()
    {
        using var model = Load();
        var frames = RandomCheckpoint.Frames(6);
        var expected = (await model.AnswerAsync(frames, [Questions[0]], Short))[0];
        var cancelled = 0;
        for (var milliseconds = 0; milliseconds < 6; milliseconds++)
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds));
            try
            {
                await model.AnswerAsync(frames, Questions, Short with { MaxNewTokens = 300, Temperature = 1 }, source.Token);
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
            Assert.Equal(expected.Tokens, (await model.AnswerAsync(frames, [Questions[0]], Short))[0].Tokens);
        }
        Assert.True(cancelled > 0, "no call was cancelled in time");
        Assert.Equal(6, model.Counters.FramesEncoded);
    }

    public void Dispose() => _checkpoint.Dispose();

    private VideoLanguageModel Load(ServingOptions? options = null) => VideoLanguageModel.Load(_checkpoint.Folder, "random", options);
}
