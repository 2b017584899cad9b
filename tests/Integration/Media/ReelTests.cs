using Tpo.Shared.Media;
using Tpo.Shared.Media.Mp4;

namespace Tpo.Tests.Integration.Media;

/// <summary>Frames of H.264 in MP4 are taken by the file's own index, from files that hold what they need alone.</summary>
public sealed class ReelTests : IDisposable
{
    private const int Width = 56, Height = 42;
    private readonly TestVideos _videos = new();

    [Theory]
    [InlineData("-bf 0")]
    [InlineData("-bf 2")]
    [InlineData("-bf 3 -b-pyramid normal")]
    [InlineData("-bf 3 -g 250 -keyint_min 250 -sc_threshold 0")]
    [InlineData("-bf 3 -g 50 -vf select='gt(mod(n\\,7)\\,2)' -fps_mode vfr")]
    [InlineData("-bf 2 -movflags faststart")]
    [InlineData("-bf 2 -slices 4")]
    public async Task The_index_says_what_ffmpeg_reads_from_the_packets(string options)
    {
        var path = await _videos.MovingAsync("plain.mp4", 20, $"libx264 -preset ultrafast -g 50 {options}");
        var table = Mp4Index.TryRead(path)!.Table;
        var packets = (await FrameTable.TryReadAsync(path, MediaPrograms.Options(_videos.Settings), default))!;
        Assert.True(table.Ticks.Count > 100);
        Assert.Equal(packets.Ticks, table.Ticks);
        Assert.Equal(packets.IsKey, table.IsKey);
        Assert.Equal(packets.SecondsPerTick, table.SecondsPerTick);
    }

    /// <summary>movie-hello.mp4 ends with a picture that lasts no time: not plain.</summary>
    [RealClipsTheory]
    [InlineData("flower.mp4", true)]
    [InlineData("movie-hello.mp4", false)]
    [InlineData("nasa_13013.mp4", true)]
    public async Task The_index_of_a_real_clip_says_what_ffmpeg_reads_from_the_packets_or_nothing(string clip, bool isPlain)
    {
        var path = Path.Combine(Repository.Shared, "videos", clip);
        var table = Mp4Index.TryRead(path)?.Table;
        var packets = (await FrameTable.TryReadAsync(path, MediaPrograms.Options(_videos.Settings), default))!;
        Assert.Equal(isPlain ? packets.Ticks : null, table?.Ticks);
        Assert.Equal(isPlain ? packets.IsKey : null, table?.IsKey);
    }

    [Theory]
    [InlineData("-bf 0", 9)]
    [InlineData("-bf 2", 9)]
    [InlineData("-bf 2", 80)]
    [InlineData("-bf 3 -b-pyramid normal -refs 4", 40)]
    [InlineData("-bf 3 -g 250 -keyint_min 250 -sc_threshold 0", 9)]
    [InlineData("-bf 3 -slices 4", 9)]
    [InlineData("-bf 3 -g 50 -vf select='gt(mod(n\\,7)\\,2)' -fps_mode vfr", 9)]
    [InlineData("-bf 3 -flags +ildct+ilme -top 1", 9)]
    public async Task Frames_of_a_reel_are_those_of_the_whole_file(string options, int count) =>
        await AssertSameAsWholeAsync(await _videos.MovingAsync("plain.mp4", 40, $"libx264 -preset fast -g 50 {options}"), count);

    [Fact]
    public async Task A_turned_video_is_turned()
    {
        var whole = await _videos.MovingAsync("whole.mp4", 40, "libx264 -preset ultrafast -g 50 -bf 2");
        await AssertSameAsWholeAsync(await _videos.MakeAsync("turned.mp4", $"-i \"{whole}\" -c copy -metadata:s:v:0 rotate=90"), 9);
    }

    [Theory]
    [InlineData("libx264 -preset ultrafast -g 50 -movflags frag_keyframe", "fragments.mp4")]
    [InlineData("mpeg4 -g 50", "other-codec.mp4")]
    [InlineData("libx264 -preset ultrafast -g 50", "other-container.mkv")]
    public async Task Other_files_have_no_plain_index(string codec, string name) =>
        Assert.Null(Mp4Index.TryRead(await _videos.MovingAsync(name, 5, codec)));

    [Fact]
    public async Task An_edit_list_that_hides_frames_is_left_to_ffmpeg()
    {
        var whole = await _videos.MovingAsync("whole.mp4", 20, "libx264 -preset ultrafast -g 50 -bf 3");
        Assert.NotNull(Mp4Index.TryRead(whole));
        Assert.Null(Mp4Index.TryRead(await _videos.MakeAsync("cut.mp4", $"-ss 1.3 -i \"{whole}\" -c copy")));
    }

    [Fact]
    public async Task Key_frames_that_leave_earlier_pictures_in_use_are_left_to_ffmpeg()
    {
        var path = await _videos.MovingAsync("open.mp4", 40, "libx264 -preset ultrafast -bf 3 -x264-params open-gop=1:keyint=50:min-keyint=50:scenecut=0");
        Assert.Null(await TryReelAsync(path, [400, 700]));
    }

    [Fact]
    public async Task No_damage_of_an_index_does_more_than_leave_it_to_ffmpeg()
    {
        var bytes = await File.ReadAllBytesAsync(await _videos.MovingAsync("whole.mp4", 4, "libx264 -preset ultrafast -g 50 -bf 2 -movflags faststart"));
        var movie = bytes.AsSpan().IndexOf("moov"u8);
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            byte[] damaged = [.. bytes];
            for (var hit = 0; hit < 1 + i % 4; hit++)
                damaged[movie + random.Next(1500)] = (byte)(random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) });
            var length = i % 5 == 0 ? random.Next(damaged.Length) : damaged.Length;
            _ = Mp4Index.TryRead(_videos.Write("damaged.mp4", damaged[..length])); // throws nothing
        }
    }

    [Fact]
    public async Task Nothing_is_left_behind()
    {
        var path = await _videos.MovingAsync("plain.mp4", 40, "libx264 -preset ultrafast -g 50 -bf 2");
        Assert.NotNull(await TryReelAsync(path, [10, 700]));
        Assert.Empty(Directory.EnumerateFiles(_videos.Settings.WorkFolder));
    }

    private async Task AssertSameAsWholeAsync(string path, int count)
    {
        var frames = Mp4Index.TryRead(path)!.Samples.Length;
        int[] wanted = [.. FramePlanner.Uniform(frames, 25, count).Indices.Distinct()];
        var pictures = await TryReelAsync(path, wanted);
        var all = (await TestVideos.RunAsync(
            "ffmpeg", $"-v error -i \"{path}\" -map 0:v:0 -vf scale={Width}:{Height}:flags=bicubic -fps_mode passthrough -pix_fmt rgb24 -f rawvideo pipe:1"))
            .Chunk(3 * Width * Height).ToArray();
        Assert.Equal(frames, all.Length);
        Assert.NotNull(pictures);
        Assert.Equal(wanted.Select(index => all[index]), pictures);
    }

    private Task<IReadOnlyList<byte[]>?> TryReelAsync(string path, int[] wanted) =>
        new ReelDecoder(_videos.Settings).TryDecodeAsync(path, wanted, new PictureOutput(
            $"scale={Width}:{Height}:flags=bicubic,format=rgb24", "", "rawvideo", (stream, stop) => FrameExtractor.TryReadPictureAsync(stream, 3 * Width * Height, stop)), timeline: null, default);

    public void Dispose() => _videos.Dispose();
}
