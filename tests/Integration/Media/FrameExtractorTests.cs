using Tpo.Shared.Media;

namespace Tpo.Tests.Integration.Media;

public sealed class FrameExtractorTests : IDisposable
{
    private readonly TestVideos _videos = new();

    [Theory]
    [InlineData("moving.mp4", "libx264 -preset ultrafast -bf 2")]
    [InlineData("moving.mkv", "libx264 -preset ultrafast -bf 2")]
    [InlineData("moving.webm", "libvpx -deadline realtime")]
    [InlineData("moving.avi", "mpeg4")]
    [InlineData("moving.mpg", "mpeg2video")]
    [InlineData("moving.mov", "libx264 -preset ultrafast -bf 2")]
    [InlineData("hevc.mp4", "libx265 -preset ultrafast -x265-params log-level=none")]
    [InlineData("vp9.webm", "libvpx-vp9 -deadline realtime -cpu-used 8")]
    [InlineData("av1.mkv", "libsvtav1 -preset 12")]
    [InlineData("mpeg2.ts", "mpeg2video -bf 2")]
    [InlineData("mpeg4.mp4", "mpeg4 -bf 2")]
    [InlineData("theora.ogg", "libtheora")]
    [InlineData("no-duration.mkv", "libx264 -preset ultrafast -bf 2 -f matroska -live 1")]
    public async Task Frames_are_those_that_ffmpeg_selects_at_the_same_indices(string name, string codec) =>
        await AssertSameAsFFmpegAsync(await _videos.MovingAsync(name, 9, codec), k: 16);

    [RealClipsTheory]
    [InlineData("flower.mp4")]
    [InlineData("movie-hello.mp4")]
    [InlineData("movie-hello.ogg")]
    [InlineData("nasa_13013.mp4")]
    [InlineData("stream-of-water.webm")]
    [InlineData("cityCC0.mpg")]
    public async Task Frames_of_real_clips_are_those_that_ffmpeg_selects(string clip) =>
        await AssertSameAsFFmpegAsync(Path.Combine(Repository.Shared, "videos", clip), k: 8);

    [Theory]
    [InlineData("b-frames.mp4", "libx264 -preset ultrafast -g 50 -bf 3")]
    [InlineData("far-keys.mkv", "libx264 -preset ultrafast -g 250 -keyint_min 250 -sc_threshold 0 -bf 3")]
    [InlineData("open-groups.mp4", "libx264 -preset ultrafast -bf 3 -x264-params open-gop=1:keyint=50:min-keyint=50:scenecut=0")]
    [InlineData("variable-rate.mp4", "libx264 -preset ultrafast -g 50 -bf 3 -vf select='gt(mod(n\\,7)\\,2)' -fps_mode vfr")]
    [InlineData("fragments.mp4", "libx264 -preset ultrafast -g 50 -bf 3 -movflags frag_keyframe")]
    [InlineData("stream.ts", "libx264 -preset ultrafast -g 50 -bf 3")]
    [InlineData("hidden-frames.webm", "libvpx -g 50 -deadline realtime -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 16")]
    [InlineData("no-times.avi", "mpeg4 -g 50 -bf 2")]
    public async Task Far_apart_frames_of_a_longer_video_are_those_that_ffmpeg_selects(string name, string codec) =>
        await AssertSameAsFFmpegAsync(await _videos.MovingAsync(name, 40, codec), k: 9);

    [Fact]
    public async Task Far_apart_frames_behind_an_edit_list_are_those_that_ffmpeg_selects()
    {
        var whole = await _videos.MovingAsync("whole.mp4", 40, "libx264 -preset ultrafast -g 50 -bf 3");
        await AssertSameAsFFmpegAsync(await _videos.MakeAsync("cut.mp4", $"-ss 1.3 -i \"{whole}\" -c copy"), k: 9);
    }

    [Fact]
    public async Task Damage_between_far_apart_frames_does_not_move_them()
    {
        var whole = await _videos.MovingAsync("whole.mp4", 40, "libx264 -preset ultrafast -g 50 -bf 0", size: "320x240");
        var plan = new FramePlan("at", [30, 980], [1.2, 39.2]);
        var frames = await Extractor.ExtractAsync(whole, plan, 64, 48);
        var bytes = await File.ReadAllBytesAsync(whole);
        Array.Clear(bytes, bytes.Length * 2 / 5, bytes.Length / 10);
        var damaged = await Extractor.ExtractAsync(_videos.Write("damaged.mp4", bytes), plan, 64, 48);
        Assert.Equal(frames.Select(frame => frame.Rgb), damaged.Select(frame => frame.Rgb));
    }

    [Theory]
    [InlineData(ImageFit.Stretch)]
    [InlineData(ImageFit.CropCentre)]
    public async Task A_models_frames_are_its_recipe_on_the_decoded_ones(ImageFit fit)
    {
        var path = await _videos.MovingAsync("wide.mp4", 2, size: "254x120");
        var recipe = new ImageRecipe(ImageRecipe.Reference, fit, 48);
        var frames = await Extractor.ExtractAsync(path, new FramePlan("whole", [3, 30, 30, 49], [0, 0, 0, 0]), recipe);
        var decoded = (await TestVideos.RunAsync("ffmpeg", $"-v error -i \"{path}\" -vf format=rgb24 -f rawvideo -")).Chunk(3 * 254 * 120).ToArray();
        Assert.Equal(50, decoded.Length);
        Assert.Equal([3, 30, 30, 49], frames.Select(frame => frame.Index));
        foreach (var frame in frames)
        {
            Assert.Equal((48, 48), (frame.Width, frame.Height));
            Assert.Equal(recipe.Apply(decoded[frame.Index], 254, 120), frame.Rgb);
        }
    }

    [Fact]
    public async Task A_model_that_was_trained_on_ffmpegs_scaling_gets_it()
    {
        var path = await _videos.MovingAsync("wide.mp4", 1, size: "254x120");
        var plan = new FramePlan("whole", [0, 7], [0, 0]);
        var frames = await Extractor.ExtractAsync(path, plan, new ImageRecipe(ImageRecipe.ScaledByFFmpeg, ImageFit.Stretch, 48));
        Assert.Equal((await Extractor.ExtractAsync(path, plan, 48, 48)).Select(frame => frame.Rgb), frames.Select(frame => frame.Rgb));
        Assert.NotEqual((await Extractor.ExtractAsync(path, plan, new ImageRecipe(ImageRecipe.Reference, ImageFit.Stretch, 48)))[0].Rgb, frames[0].Rgb);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(700)]
    public async Task More_frames_than_one_expression_of_ffmpeg_takes_are_those_that_ffmpeg_selects(int frames) =>
        await AssertSameAsFFmpegAsync(await _videos.MovingAsync("many.mp4", 30), frames);

    [Fact]
    public async Task An_index_may_be_asked_for_twice()
    {
        var path = await _videos.MovingAsync("short.mp4", 1);
        var frames = await Extractor.ExtractAsync(path, new FramePlan("whole", [3, 3, 9], [0.12, 0.12, 0.36]), 32, 24);
        Assert.Equal([3, 3, 9], frames.Select(frame => frame.Index));
        Assert.Equal(frames[0].Rgb, frames[1].Rgb);
        Assert.NotEqual(frames[1].Rgb, frames[2].Rgb);
        Assert.All(frames, frame => Assert.Equal(3 * 32 * 24, frame.Rgb.Length));
    }

    [Fact]
    public async Task A_frame_that_is_not_there_is_an_error_and_no_shorter_list()
    {
        var path = await _videos.MovingAsync("short.mp4", 1);
        var error = await Assert.ThrowsAsync<BadVideoException>(
            () => Extractor.ExtractAsync(path, new FramePlan("whole", [3, 24, 25], [0, 0, 0]), 32, 24));
        Assert.Contains("Frame 25 was asked for", error.Message);
    }

    [Fact]
    public async Task Cancelling_ends_the_decoder()
    {
        var path = await _videos.MovingAsync("long.mp4", 120, size: "640x480");
        using var cancellation = new CancellationTokenSource(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Extractor.ExtractAsync(path, FramePlanner.Uniform(3000, 25, 1500), 64, 48, cancellation.Token));
    }

    private FrameExtractor Extractor => new(_videos.Settings);

    private async Task AssertSameAsFFmpegAsync(string path, int k)
    {
        const int width = 56, height = 42;
        var asset = await new VideoProbe(_videos.Settings with { MinVideoSeconds = 0 }).ProbeAsync(path, "clip");
        var plan = FramePlanner.Uniform(asset.FrameCount, asset.FramesPerSecond, k);
        var frames = await Extractor.ExtractAsync(path, plan, width, height);

        // ffmpeg's own word, without this product and without selecting: every frame, in order.
        var all = await TestVideos.RunAsync(
            "ffmpeg", $"-v error -i \"{path}\" -map 0:v:0 -vf scale={width}:{height}:flags=bicubic -fps_mode passthrough -pix_fmt rgb24 -f rawvideo pipe:1");
        var size = 3 * width * height;
        Assert.Equal(asset.FrameCount, all.Length / size);
        Assert.Equal(k, frames.Count);
        foreach (var frame in frames)
            Assert.True(all.AsSpan(frame.Index * size, size).SequenceEqual(frame.Rgb), $"Frame {frame.Index} of {path} differs from ffmpeg's.");
        Assert.True(frames.Select(frame => Convert.ToHexString(frame.Rgb)).Distinct().Count() > 1, "The clip does not move: equality would say nothing.");
    }

    public void Dispose() => _videos.Dispose();
}
