using System.CommandLine;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Media;

namespace Tpo.Cli.Verbs;

/// <summary>`frames VIDEO --count N | --at i,j,k --out DIR`: the product's extractor as a tool. One PNG an index; the plan goes to standard output as JSON.</summary>
internal static class FramesVerb
{
    private static readonly JsonSerializerOptions Layout = new(TpoJson.Options) { WriteIndented = true };

    public static Command Create()
    {
        var video = new Argument<FileInfo>("VIDEO") { Description = "a video file" };
        var count = new Option<int?>("--count") { Description = "so many frames, evenly over the whole video, first and last included" };
        var at = new Option<string?>("--at") { Description = "indices of decoded frames, from 0, with commas between" };
        var into = new Option<DirectoryInfo>("--out") { Description = "folder for the PNG files, made where it is not there", Required = true };
        var command = new Command("frames", "Take exact frames out of a video: one PNG an index, the plan as JSON.") { video, count, at, into };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetRequiredValue(video), parsed.GetValue(count), parsed.GetValue(at), parsed.GetRequiredValue(into), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo video, int? count, string? at, DirectoryInfo into, CancellationToken cancellation)
    {
        if (!video.Exists)
            throw new CliFailure($"There is no file '{video.FullName}'.");
        if (count is null == at is null)
            throw new CliFailure("Say which frames: either --count N or --at i,j,k.");
        if (count is < 1)
            throw new CliFailure($"--count is {count}; it must be at least 1.");
        var settings = Surroundings.MediaSettings;
        try
        {
            var timeline = await VideoTimeline.ReadAsync(video.FullName, settings, cancellation);
            int[] indices = count is { } wanted ? FramePlanner.Uniform(timeline.FrameCount, 1, wanted).Indices : Indices(at!, timeline.FrameCount);
            var plan = new FramePlan(count is null ? "at" : "whole", indices, [.. indices.Select(index => timeline.Seconds(index))]);
            var frames = await new FrameExtractor(settings).ExtractAsync(video.FullName, plan, cancellation, timeline);
            into.Create();
            foreach (var frame in frames)
                await File.WriteAllBytesAsync(Path.Combine(into.FullName, FileName(frame.Index)), PngImage.Encode(frame), cancellation);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                Video = video.FullName, timeline.FrameCount, plan.View, Width = frames[0].Width, Height = frames[0].Height,
                Frames = frames.Select(frame => new { frame.Index, TimeSeconds = Math.Round(frame.TimeSeconds, 6), File = FileName(frame.Index) }),
            }, Layout));
            return 0;
        }
        catch (BadVideoException bad)
        {
            throw new CliFailure($"{video.Name}: {bad.Message}");
        }
    }

    private static string FileName(int index) => $"frame-{index:000000}.png";

    private static int[] Indices(string at, int frameCount) => [.. at.Split(',', StringSplitOptions.TrimEntries).Select(text =>
        int.TryParse(text, out var index) && index >= 0 && index < frameCount ? index
            : throw new CliFailure($"--at names '{text}'; the video has the frames 0 to {frameCount - 1}."))];
}
