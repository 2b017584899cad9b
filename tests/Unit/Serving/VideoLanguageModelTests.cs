using System.Collections;
using Microsoft.Extensions.AI;
using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

public sealed class VideoLanguageModelTests
{
    private static readonly string[] Questions = ["What is shown first?", "What is shown last?", "Where is the red circle?", "\nand what then?"];
    private static readonly GenerationOptions Short = new(MaxNewTokens: 12);

    [Fact]
    public Task An_answer_does_not_depend_on_the_other_questions() => With(async model =>
    {
        var frames = RandomCheckpoint.Frames(6);
        foreach (var options in new[] { Short, Short with { Temperature = 0.8, Seed = 3 } })
        {
            var together = await model.AnswerAsync(frames, Questions, options);
            var reversed = await model.AnswerAsync(frames, [.. Questions.Reverse()], options);
            Assert.Equal(together.Select(answer => answer.Text), reversed.Reverse().Select(answer => answer.Text));
            for (var i = 0; i < Questions.Length; i++)
            {
                var alone = (await model.AnswerAsync(frames, [Questions[i]], options))[0];
                Assert.Equal(alone.Tokens, together[i].Tokens);
                Assert.Equal((alone.Text, alone.PromptTokens, alone.Truncated), (together[i].Text, together[i].PromptTokens, together[i].Truncated));
            }
            Assert.True(together.Select(answer => answer.Text).Distinct().Count() > 1);
        }
    });

    [Fact]
    public Task An_answer_depends_on_the_frames_and_on_the_seed_where_one_is_asked_for() => With(async model =>
    {
        var frames = RandomCheckpoint.Frames(6);
        var answer = (await model.AnswerAsync(frames, [Questions[0]], Short))[0];
        Assert.NotEqual(answer.Text, (await model.AnswerAsync([.. frames.Reverse()], [Questions[0]], Short))[0].Text);
        var hot = Short with { Temperature = 1, Seed = 1 };
        Assert.Equal((await model.AnswerAsync(frames, [Questions[0]], hot))[0].Text, (await model.AnswerAsync(frames, [Questions[0]], hot))[0].Text);
        Assert.NotEqual((await model.AnswerAsync(frames, [Questions[0]], hot))[0].Text,
            (await model.AnswerAsync(frames, [Questions[0]], hot with { Seed = 2 }))[0].Text);
    });

    [Fact]
    public Task A_caption_is_the_answer_about_its_frame_alone() => With(async model =>
    {
        var frames = RandomCheckpoint.Frames(5);
        var captions = await model.AnswerEachFrameAsync(frames, Questions[0], Short);
        for (var i = 0; i < frames.Count; i++)
            Assert.Equal((await model.AnswerAsync([frames[i]], [Questions[0]], Short))[0].Text, captions[i].Text);
        Assert.Empty(await model.AnswerEachFrameAsync([], Questions[0], Short));
    });

    [Fact]
    public Task Without_a_video_each_question_is_answered_for_itself_and_no_video_is_remembered() => With(async model =>
    {
        var blind = await model.AnswerBlindAsync(Questions, Short);
        for (var i = 0; i < Questions.Length; i++)
            Assert.Equal((await model.AnswerBlindAsync([Questions[i]], Short))[0].Tokens, blind[i].Tokens);
        Assert.NotEqual((await model.AnswerAsync(RandomCheckpoint.Frames(6), Questions, Short)).Select(answer => answer.Text), blind.Select(answer => answer.Text));
        var seen = model.Counters;
        await model.AnswerBlindAsync(Questions, Short);
        Assert.Equal(seen with { TokensWritten = 0 }, model.Counters with { TokensWritten = 0 });
        Assert.Contains("empty", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerBlindAsync([" "], Short))).Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task As_a_chat_client_it_says_the_same() => With(async model =>
    {
        var frames = RandomCheckpoint.Frames(3);
        var direct = (await model.AnswerAsync(frames, [Questions[0]], Short))[0];
        IChatClient client = model;
        var message = new ChatMessage(ChatRole.User, [.. frames.Select(frame => new FrameContent(frame)), new TextContent(Questions[0])]);
        var response = await client.GetResponseAsync([message], new ChatOptions { MaxOutputTokens = 12 });
        Assert.Equal(direct.Text, response.Text);
        Assert.Equal(direct.PromptTokens, response.Usage!.InputTokenCount);
        Assert.Equal(direct.Truncated ? ChatFinishReason.Length : ChatFinishReason.Stop, response.FinishReason);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync([new ChatMessage(ChatRole.System, "be bad"), message]));
        var refusal = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync([message], new ChatOptions { TopK = 5, ResponseFormat = ChatResponseFormat.Json }));
        Assert.Contains("TopK, ResponseFormat", refusal.Message);
    });

    [Fact]
    public void A_small_nucleus_holds_the_likeliest_token_alone_and_a_whole_one_holds_them_all()
    {
        float[] logits = [0, 2, 1.9f, -1];
        int[] Picks(double topP) => [.. Enumerable.Range(0, 400).Select(seed => new TokenSampler(new GenerationOptions(Temperature: 1, Seed: seed, TopP: topP), "?").Pick(logits))];
        Assert.Equal([1], Picks(0.2).Distinct());
        Assert.Equal([1, 2], Picks(0.8).Distinct().Order());
        Assert.Equal([0, 1, 2, 3], Picks(1).Distinct().Order());
        // softmax: 0.064, 0.476, 0.430, 0.024
        Assert.InRange(Picks(1).Count(token => token == 2), 400 * 0.430 - 30, 400 * 0.430 + 30);
    }

    [Fact]
    public Task Bad_input_gets_a_sentence_that_names_the_limit() => With(async model =>
    {
        var frames = RandomCheckpoint.Frames(2);
        Assert.Contains("No frames", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync([], Questions, Short))).Message);
        Assert.Contains("Question 1 is empty", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync(frames, ["a", " "], Short))).Message);
        var wrong = new RgbFrame(64, 48, new byte[3 * 64 * 48], 7, 0);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync([wrong], Questions, Short));
        Assert.Contains("Frame 7 is 64×48", error.Message);
        Assert.Contains("28×28", error.Message);
        var many = Enumerable.Repeat(frames[0], RandomCheckpoint.MaxLength / RandomCheckpoint.TokensPerFrame).ToList();
        Assert.Contains($"context holds {RandomCheckpoint.MaxLength}", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync(many, Questions, Short))).Message);
        Assert.Contains("Take fewer frames", (await Assert.ThrowsAsync<ArgumentException>(() => model.ScoreAsync(many, Questions[0], ["Yes"]))).Message);
        var endless = new string('x', RandomCheckpoint.MaxLength);
        Assert.Contains("a shorter question", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerEachFrameAsync(frames, endless, Short))).Message);
        Assert.Contains("at least one token", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync(frames, Questions, Short with { MaxNewTokens = 0 }))).Message);
        Assert.Contains("Frame 7 is 64×48", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerAsync([.. frames, wrong], Questions, Short))).Message);
        Assert.Contains("Frame 7 is 64×48", (await Assert.ThrowsAsync<ArgumentException>(() => model.AnswerEachFrameAsync([.. frames, wrong], Questions[0], Short))).Message);
        Assert.Equal(0, model.Counters.FramesEncoded);
    });

    [Fact]
    public Task A_cancelled_question_stops_and_the_model_goes_on() => With(async model =>
    {
        var frames = RandomCheckpoint.Frames(2);
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.AnswerAsync(new CancelledHalfway(frames, source), Questions, Short, source.Token));
        Assert.Single(await model.AnswerAsync(frames, [Questions[0]], Short));
    });

    [Fact]
    public void A_model_that_lacks_a_file_is_refused_by_the_files_name()
    {
        using var model = new RandomCheckpoint();
        foreach (var file in new[] { "onnx/vision.onnx", "tokenizer.json", "model.safetensors", "config.json" })
        {
            File.Delete(Path.Combine(model.Folder, file));
            Assert.Contains(file.Split('/')[^1], Assert.Throws<FileNotFoundException>(() => VideoLanguageModel.Load(model.Folder, "random")).Message);
        }
    }

    [Fact]
    public void Pixels_are_normalised_as_each_tower_was_trained()
    {
        var vision = new VisionConfig { HiddenSize = 8, IntermediateSize = 8, Layers = 1, Heads = 1, ImageSize = 2, PatchSize = 1 };
        var frame = new RgbFrame(2, 2, [0, 51, 255, 0, 0, 0, 0, 0, 0, 255, 0, 51], 0, 0);
        Assert.Equal(new[] { -1f, -1, -1, 1, -0.6f, -1, -1, -1, 1, -1, -1, -0.6f }, new ImageNormalizer(vision).Normalize(frame), (a, b) => Math.Abs(a - b) < 1e-6);
        var clip = new ImageNormalizer(vision with { ModelType = "clip_vision_model" }).Normalize(frame);
        Assert.Equal((0 - 0.48145466) / 0.26862954, clip[0], 5);
        Assert.Equal((0.2 - 0.4578275) / 0.26130258, clip[4], 5);
    }

    /// <summary>Frames that cancel while the model is reading them.</summary>
    private sealed class CancelledHalfway(IReadOnlyList<RgbFrame> frames, CancellationTokenSource source) : IReadOnlyList<RgbFrame>
    {
        public RgbFrame this[int index] => frames[index];
        public int Count => frames.Count;

        public IEnumerator<RgbFrame> GetEnumerator()
        {
            foreach (var frame in frames)
            {
                yield return frame;
                source.Cancel();
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private static async Task With(Func<VideoLanguageModel, Task> check)
    {
        using var checkpoint = new RandomCheckpoint();
        using var model = VideoLanguageModel.Load(checkpoint.Folder, "random");
        await check(model);
    }
}
