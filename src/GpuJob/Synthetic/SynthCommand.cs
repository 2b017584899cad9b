using System.CommandLine;
using System.Diagnostics;

namespace Tpo.GpuJob.Synthetic;

/// <summary>`synth`: videos of the procedural world as real H.264 files; with `--kind benchmark` questions in LongVideoBench's file format too.</summary>
public static class SynthCommand
{
    public static Command Create()
    {
        var kind = new Option<string>("--kind") { Description = "curation: mp4 files alone; benchmark: videos/ and lvb_val.json", DefaultValueFactory = _ => "curation" };
        kind.AcceptOnlyFromAmong("curation", "benchmark");
        var count = new Option<int>("--count") { Description = "how many videos", DefaultValueFactory = _ => 6 };
        var seed = new Option<uint>("--seed") { Description = "same seed, same videos", DefaultValueFactory = _ => 1 };
        var output = new Option<DirectoryInfo>("--out") { Description = "folder to write to", Required = true };
        var side = new Option<int>("--side") { Description = "width and height in pixels, even", DefaultValueFactory = _ => 128 };
        var sheet = new Option<FileInfo?>("--sheet") { Description = "also a PNG with one picture a scene" };
        count.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 100_000)
                given.AddError("--count must be between 1 and 100000.");
        });
        side.Validators.Add(given =>
        {
            var pixels = given.GetValueOrDefault<int>();
            if (pixels is < 32 or > 2048 || pixels % 2 == 1)
                given.AddError("--side must be even and between 32 and 2048: H.264 halves the colour planes.");
        });
        var command = new Command("synth", "Renders videos of the synthetic world.") { kind, count, seed, output, side, sheet };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(kind)!, parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(output)!.FullName, parsed.GetValue(side),
            parsed.GetValue(sheet)?.FullName, cancel));
        return command;
    }

    public static async Task<int> RunAsync(string kind, int count, uint seed, string folder, int side, string? sheet, CancellationToken cancel)
    {
        var split = kind == "benchmark" ? "test" : "curation";
        var videos = Enumerable.Range(0, count).Select(index => World.Video(split, seed, index, WorldShape.Videos)).ToArray();
        var videoFolder = kind == "benchmark" ? Path.Combine(folder, "videos") : folder;
        Directory.CreateDirectory(videoFolder);
        var clock = Stopwatch.StartNew();
        foreach (var video in videos)
            await VideoWriter.WriteAsync(video, side, Path.Combine(videoFolder, $"{video.Name}.mp4"), cancel);
        var seconds = videos.Sum(video => video.DurationSeconds);
        Console.WriteLine($"{count} videos, {seconds:F0} seconds of {side}x{side} at {SyntheticVideo.FramesPerSecond} frames a second, "
            + $"rendered and encoded in {clock.Elapsed.TotalSeconds:F1} s: {seconds / clock.Elapsed.TotalSeconds:F0} rendered seconds a second.");
        if (kind == "benchmark")
        {
            var rows = LongVideoBenchFile.Rows(videos, seed);
            await LongVideoBenchFile.WriteAsync(rows, folder, cancel);
            Console.WriteLine($"{rows.Count} questions in lvb_val.json.");
        }
        if (sheet is not null)
            await ContactSheet.WriteAsync(videos, side, sheet, cancel);
        return 0;
    }
}
