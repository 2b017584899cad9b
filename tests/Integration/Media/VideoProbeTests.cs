using System.Security.Cryptography;
using Tpo.Shared.Media;

namespace Tpo.Tests.Integration.Media;

public sealed class VideoProbeTests : IDisposable
{
    private readonly TestVideos _videos = new();

    [Fact]
    public async Task A_videos_record_says_what_it_is()
    {
        var path = await _videos.MovingAsync("moving.mp4", 9, fps: 30);
        var asset = await Probe.ProbeAsync(path, "a/moving.mp4", "a/moving.srt");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), asset.VideoId);
        Assert.Equal(("a/moving.mp4", "a/moving.srt", new FileInfo(path).Length), (asset.BlobName, asset.SubtitleBlob, asset.Bytes));
        Assert.Equal(("h264", 160, 120, 270, 30.0), (asset.Codec, asset.Width, asset.Height, asset.FrameCount, asset.FramesPerSecond));
        Assert.Equal(9, asset.DurationSeconds, 2);
    }

    [RealClipsTheory]
    [InlineData("bottle-detection.mp4", 1189, 39.85)]
    [InlineData("display-dual-monitors.webm", 557, 37.13)]
    [InlineData("nasa_13013.mp4", 325, 13.0)]
    [InlineData("movie-hello.mp4", 249, 8.3)]
    public async Task Real_clips_have_the_frames_that_really_decode(string clip, int frames, double seconds)
    {
        var asset = await Probe.ProbeAsync(Path.Combine(Repository.Shared, "videos", clip), clip);
        Assert.Equal(frames, asset.FrameCount);
        Assert.Equal(seconds, asset.DurationSeconds, 0.05);
    }

    [Fact]
    public async Task A_turned_videos_size_is_as_it_is_shown()
    {
        var path = await _videos.MovingAsync("flat.mp4", 9);
        var asset = await Probe.ProbeAsync(await _videos.MakeAsync("turned.mp4", $"-i \"{path}\" -c copy -metadata:s:v:0 rotate=90"), "turned.mp4");
        Assert.Equal((120, 160, 225), (asset.Width, asset.Height, asset.FrameCount));
    }

    [Theory]
    [InlineData("live.mkv", "-f matroska -live 1")]
    [InlineData("live.ts", "-f mpegts")]
    public async Task A_file_that_declares_no_duration_lasts_as_long_as_its_frames(string name, string muxer)
    {
        var path = await _videos.MovingAsync(name, 9, $"libx264 -preset ultrafast -bf 2 {muxer}");
        var asset = await Probe.ProbeAsync(path, name);
        Assert.Equal((225, 25.0), (asset.FrameCount, asset.FramesPerSecond));
        Assert.Equal(9, asset.DurationSeconds, 0.05);
    }

    [Fact]
    public async Task Of_several_video_streams_the_first_one_counts_and_a_cover_picture_is_none()
    {
        var (small, large) = (await _videos.MovingAsync("small.mp4", 9), await _videos.MovingAsync("large.mp4", 10, size: "320x240"));
        var two = await Probe.ProbeAsync(await _videos.MakeAsync("two.mkv", $"-i \"{small}\" -i \"{large}\" -map 0:v -map 1:v -c copy"), "two.mkv");
        Assert.Equal((160, 225), (two.Width, two.FrameCount));
        var cover = await _videos.MakeAsync("cover.png", "-f lavfi -i color=red:size=64x64 -frames:v 1");
        var covered = await Probe.ProbeAsync(await _videos.MakeAsync("covered.mp4", $"-i \"{cover}\" -i \"{small}\" -map 0 -map 1:v -c copy -disposition:v:0 attached_pic"), "covered.mp4");
        Assert.Equal((160, 225), (covered.Width, covered.FrameCount));
    }

    [Fact]
    public async Task An_empty_file_is_refused() => await RefusedAsync(_videos.Write("a.mp4", []), "empty");

    [Fact]
    public async Task Bytes_that_are_no_video_are_refused()
    {
        var noise = new byte[20_000];
        new Random(5).NextBytes(noise);
        await RefusedAsync(_videos.Write("noise.bin", noise), "not a video");
        await RefusedAsync(_videos.Write("text.mp4", "Dear diary, today I filmed nothing."u8.ToArray()), "not a video");
    }

    [Fact]
    public async Task A_playlist_that_opens_other_files_is_no_video()
    {
        var secret = await _videos.MovingAsync("secret.mp4", 9);
        await RefusedAsync(_videos.Write("list.m3u8", System.Text.Encoding.UTF8.GetBytes($"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n")), "not a video");
        await RefusedAsync(_videos.Write("list.ffconcat", System.Text.Encoding.UTF8.GetBytes("ffconcat version 1.0\nfile secret.mp4\n")), "not a video");
    }

    [Fact]
    public async Task Sound_alone_is_refused() =>
        await RefusedAsync(await _videos.MakeAsync("sound.mp4", "-f lavfi -i sine=duration=10 -c:a aac"), "no video stream");

    [Fact]
    public async Task A_picture_is_refused() =>
        await RefusedAsync(await _videos.MakeAsync("one.png", "-f lavfi -i testsrc2=size=160x120 -frames:v 1"), "not a video");

    [Theory]
    [InlineData("cut.mp4", "libx264 -preset ultrafast")]
    [InlineData("cut.mkv", "libx264 -preset ultrafast")]
    [InlineData("cut.webm", "libvpx -deadline realtime")]
    [InlineData("cut.avi", "mpeg4")]
    public async Task A_file_that_ends_too_early_is_refused(string name, string codec)
    {
        var start = codec.Contains("264") && name.EndsWith("mp4") ? " -movflags +faststart" : "";
        var whole = File.ReadAllBytes(await _videos.MovingAsync("whole-" + name, 12, codec + start));
        await RefusedAsync(_videos.Write(name, whole[..(whole.Length * 6 / 10)]), "cut off");
    }

    [Fact]
    public async Task An_mp4_that_lost_its_index_is_refused()
    {
        var whole = File.ReadAllBytes(await _videos.MovingAsync("whole.mp4", 12));
        await RefusedAsync(_videos.Write("cut.mp4", whole[..(whole.Length / 2)]), "index is missing");
    }

    [Fact]
    public async Task A_video_too_short_for_a_segment_is_refused() => await RefusedAsync(await _videos.MovingAsync("short.mp4", 5), "at least 8 s");

    [Fact]
    public async Task Pictures_beyond_the_limit_are_refused_before_they_are_decoded() =>
        await RefusedAsync(await _videos.MakeAsync("huge.mkv", "-f lavfi -i color=size=8192x4096:rate=1:duration=1 -c:v ffv1 -frames:v 1"), "8192×4096");

    private VideoProbe Probe => new(_videos.Settings);

    private async Task RefusedAsync(string path, string because)
    {
        var error = await Assert.ThrowsAsync<BadVideoException>(() => Probe.ProbeAsync(path, "videos/x.mp4"));
        Assert.Contains(because, error.Message);
        Assert.EndsWith(".", error.Message);
    }

    public void Dispose() => _videos.Dispose();
}
