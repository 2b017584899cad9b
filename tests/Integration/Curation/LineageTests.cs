using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Curation;

/// <summary>What is written says truly which pixels it was made from, whatever happens to files and records on the way.</summary>
public sealed class LineageTests(CuratedWorld world) : IClassFixture<CuratedWorld>
{
    [Fact]
    public async Task Two_videos_whose_files_are_swapped_on_this_machine_are_fetched_again()
    {
        var (first, second) = (await world.CurateAsync("swap/first.mp4", await world.RenderAsync(10)), await world.CurateAsync("swap/second.mp4", await world.RenderAsync(11)));
        var before = await CaptionsAsync(first);

        string FileOf(VideoRecord record) => Assert.Single(Directory.GetFiles(world.WorkFolder, $"{record.VideoId}.bin", SearchOption.AllDirectories));
        var (a, b) = (FileOf(first), FileOf(second));
        File.Move(a, a + ".aside");
        File.Move(b, a);
        File.Move(a + ".aside", b);
        await world.ForgetAsync((await world.ManifestAsync(first.VideoId!)).Captions[0]);
        await world.CurateAsync("swap/first.mp4", await world.RenderAsync(10));

        Assert.Equal(before, await CaptionsAsync(first));
    }

    [Fact]
    public async Task All_views_frames_are_decoded_in_one_go_and_kept_ones_that_are_swapped_or_spoilt_are_decoded_again()
    {
        var (first, second) = (await world.CurateAsync("kept/first.mp4", await world.RenderAsync(16)), await world.CurateAsync("kept/second.mp4", await world.RenderAsync(17)));
        var before = await CaptionsAsync(first);
        Assert.Single(world.App.Log.Split('\n'), line => line.Contains($"frames of {first.VideoId} in one go"));

        var (a, b) = (KeptOf(first), KeptOf(second));
        var whole = File.ReadAllBytes(a);
        byte[] spoilt = [.. whole[..^9000], .. whole[^9000..].Select(value => (byte)(value + 1))];
        var times = 1;
        foreach (var other in new[] { File.ReadAllBytes(b), spoilt, whole[..^9000], [] })
        {
            File.WriteAllBytes(a, other);
            foreach (var captions in (await world.ManifestAsync(first.VideoId!)).Captions)
                await world.ForgetAsync(captions);
            await world.CurateAsync("kept/first.mp4", await world.RenderAsync(16));
            Assert.Equal(before, await CaptionsAsync(first));
            Assert.Equal(++times, world.App.Log.Split('\n').Count(line => line.Contains($"frames of {first.VideoId} in one go")));
            Assert.Equal(whole, File.ReadAllBytes(a));
        }

        string KeptOf(VideoRecord record) => Assert.Single(Directory.GetFiles(world.WorkFolder, "*.frames", SearchOption.AllDirectories), file => File.ReadLines(file).First().Contains(record.VideoId!));
    }

    [Fact]
    public async Task Answers_that_were_made_from_another_videos_frames_stop_the_curation_and_the_next_one_makes_them_anew()
    {
        var (mine, other) = (await world.CurateAsync("flight/mine.mp4", await world.RenderAsync(12)), await world.CurateAsync("flight/other.mp4", await world.RenderAsync(13)));
        var manifest = await world.ManifestAsync(mine.VideoId!);
        var theirs = await world.Storage.ReadJsonAsync<ViewCaptions>(Containers.Curation, (await world.ManifestAsync(other.VideoId!)).Captions[0]);
        var judged = await world.Storage.ReadJsonLinesAsync<JsonElement>(Containers.Curation, manifest.Judged);
        await world.RewriteAsync<ViewCaptions>(manifest.Captions[0], view => view with { Seen = theirs.Seen });
        await ForgetJudgedAsync(mine);

        var stopped = await world.CurateAsync("flight/mine.mp4", await world.RenderAsync(12));
        Assert.Equal(VideoStatus.Failed, stopped.Status);
        Assert.Contains($"captions of view 'whole' of video {mine.VideoId} were made from another video, {other.VideoId}", stopped.Failure);
        Assert.False(await world.Storage.ExistsAsync(Containers.Curation, CurationBlobs.Manifest(mine.VideoId!)));

        var again = await world.CurateAsync("flight/mine.mp4", await world.RenderAsync(12));
        Assert.Equal(VideoStatus.Curated, again.Status);
        Assert.Equal(judged.Count, (await world.Storage.ReadJsonLinesAsync<JsonElement>(Containers.Curation, (await world.ManifestAsync(mine.VideoId!)).Judged)).Count);
        Assert.Equal(mine.VideoId, (await world.Storage.ReadJsonAsync<ViewCaptions>(Containers.Curation, (await world.ManifestAsync(mine.VideoId!)).Captions[0])).Seen!.VideoId);
    }

    [Fact]
    public async Task Subtitles_that_arrive_later_start_another_curation_that_carries_them_and_those_inside_a_file_are_carried_too()
    {
        const string srt = "1\n00:00:00,000 --> 00:05:00,000\nHere it is.\n\n2\n00:10:00,000 --> 00:10:16,000\nAfter the end.\n";
        var silent = await world.CurateAsync("said/video.mp4", await world.RenderAsync(14));
        Assert.All(await SaidAsync(silent), Assert.Empty);
        await world.Storage.WriteTextAsync(Containers.Videos, "said/video.srt", srt, "text/plain");
        var said = await House.EventuallyAsync("it is curated with its subtitles", TimeSpan.FromMinutes(2), async () =>
            await world.Catalog.FindAsync<VideoRecord>(Catalog.Videos, "said/video.mp4") is { Status: VideoStatus.Curated } record && record.InstanceId != silent.InstanceId ? record : null);
        Assert.Equal("Here it is.", Assert.Single((await SaidAsync(said))[0]));
        Assert.Contains($"redone: {said.VideoId}/plan-", world.App.Log);
        Assert.Contains($"reused: {said.VideoId}/captions/whole-", world.App.Log);
        Assert.NotNull(said.SubtitlesETag);

        var (plain, inside, text) = (await world.RenderAsync(15), Path.Combine(world.WorkFolder, "inside.mp4"), Path.Combine(world.WorkFolder, "inside.srt"));
        await File.WriteAllTextAsync(text, srt);
        await Tpo.Tests.Integration.Media.TestVideos.RunAsync("ffmpeg", $"-v error -y -i {plain} -i {text} -c:v copy -c:s mov_text {inside}");
        Assert.Equal("Here it is.", Assert.Single((await SaidAsync(await world.CurateAsync("said/inside.mp4", inside)))[0]));
    }

    /// <summary>What is said in each segment.</summary>
    private async Task<IReadOnlyList<IReadOnlyList<string>>> SaidAsync(VideoRecord record)
    {
        var plan = await world.Storage.ReadJsonAsync<CurationPlan>(Containers.Curation, (await world.ManifestAsync(record.VideoId!)).Plan);
        return [.. plan.Segments.Select(segment => (IReadOnlyList<string>)[.. segment.Said.Select(cue => cue.Text)])];
    }

    private async Task ForgetJudgedAsync(VideoRecord record)
    {
        await world.ForgetAsync((await world.ManifestAsync(record.VideoId!)).Judged);
        await world.ForgetAsync(CurationBlobs.Manifest(record.VideoId!));
    }

    /// <summary>All captions and what they were made from, without what they cost.</summary>
    private async Task<IReadOnlyList<string>> CaptionsAsync(VideoRecord record)
    {
        var views = new List<string>();
        foreach (var blob in (await world.ManifestAsync(record.VideoId!)).Captions)
            views.Add(JsonSerializer.Serialize(await world.Storage.ReadJsonAsync<ViewCaptions>(Containers.Curation, blob) with { Cost = Cost.None }, TpoJson.Options));
        return views;
    }
}
