using System.CommandLine;
using System.Diagnostics;
using Tpo.GpuJob.Synthetic.Suites;

namespace Tpo.GpuJob.Synthetic;

/// <summary>What `synth` is asked to make.</summary>
public sealed record SynthOptions(string Kind, string Length, string Split, int Count, uint Seed, string Folder, int Side, int Questions, string? Sheet);

/// <summary>
/// `synth`: videos of the procedural world as real H.264 files; with `--kind benchmark` questions in the file formats of four benchmarks too, with
/// `--kind suites` in those of all ten, a folder each.
/// </summary>
public static class SynthCommand
{
    private static readonly Dictionary<string, WorldShape> Lengths = new()
    {
        ["short"] = WorldShape.Short, ["medium"] = WorldShape.Videos, ["long"] = WorldShape.Long, ["feature"] = WorldShape.Feature,
    };

    public static Command Create()
    {
        var kind = new Option<string>("--kind") { Description = "curation: mp4 files alone; benchmark: videos/ and the questions of four benchmarks; suites: videos/ and a folder for each of the ten", DefaultValueFactory = _ => "curation" };
        kind.AcceptOnlyFromAmong("curation", "benchmark", "suites");
        var length = new Option<string>("--length") { Description = "short: 10 to 40 s; medium: up to a minute; long: minutes; feature: tens of minutes", DefaultValueFactory = _ => "medium" };
        length.AcceptOnlyFromAmong([.. Lengths.Keys]);
        var split = new Option<string?>("--split") { Description = "which world; splits share no video (default: curation, or test where there are questions)" };
        split.AcceptOnlyFromAmong([.. World.Splits]);
        var count = new Option<int>("--count") { Description = "how many videos", DefaultValueFactory = _ => 6 };
        var questions = new Option<int>("--questions") { Description = "questions a video, where there are questions", DefaultValueFactory = _ => 5 };
        var seed = new Option<uint>("--seed") { Description = "same seed, same videos", DefaultValueFactory = _ => 1 };
        var output = new Option<DirectoryInfo>("--out") { Description = "folder to write to", Required = true };
        var side = new Option<int>("--side") { Description = "width and height in pixels, even", DefaultValueFactory = _ => 128 };
        var sheet = new Option<FileInfo?>("--sheet") { Description = "also a PNG with one picture a scene" };
        count.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 100_000)
                given.AddError("--count must be between 1 and 100000.");
        });
        questions.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 10)
                given.AddError("--questions must be between 1 and 10: there are ten kinds with options, and a video gets each once.");
        });
        side.Validators.Add(given =>
        {
            var pixels = given.GetValueOrDefault<int>();
            if (pixels is < 64 or > 2048 || pixels % 16 != 0)
                given.AddError("--side must be a multiple of 16 between 64 and 2048: H.264 halves the colour planes, and the writing stands in eighths.");
        });
        var command = new Command("synth", "Renders videos of the synthetic world.") { kind, length, split, count, questions, seed, output, side, sheet };
        command.SetAction((parsed, cancel) => RunAsync(new SynthOptions(
            parsed.GetValue(kind)!, parsed.GetValue(length)!, parsed.GetValue(split) ?? (parsed.GetValue(kind) == "curation" ? "curation" : "test"),
            parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(output)!.FullName, parsed.GetValue(side), parsed.GetValue(questions),
            parsed.GetValue(sheet)?.FullName), cancel));
        return command;
    }

    public static async Task<int> RunAsync(SynthOptions options, CancellationToken cancel)
    {
        var (shape, asks) = (Lengths[options.Length], options.Kind != "curation");
        SyntheticVideo[] videos = [.. Enumerable.Range(0, options.Count).Select(index => World.Video(options.Split, options.Seed, index, shape))];
        var videoFolder = asks ? Path.Combine(options.Folder, "videos") : options.Folder;
        var clock = Stopwatch.StartNew();
        await VideoWriter.WriteAllAsync(videos, options.Side, videoFolder, cancel);
        var seconds = videos.Sum(video => video.DurationSeconds);
        Console.WriteLine($"{options.Count} videos, {seconds:F0} seconds of {options.Side}x{options.Side} at {SyntheticVideo.FramesPerSecond} frames a second, "
            + $"rendered and encoded in {clock.Elapsed.TotalSeconds:F1} s: {seconds / clock.Elapsed.TotalSeconds:F0} rendered seconds a second.");
        if (asks)
        {
            var questions = SuiteQuestions.Of(videos, options.Questions, options.Seed);
            var isAll = options.Kind == "suites";
            await (isAll ? MiniatureSuites.WriteAsync(questions, options.Side, options.Folder, cancel) : SuiteWriter.WriteAsync(questions, options.Side, options.Folder, cancel));
            Console.WriteLine($"{questions.Count} questions in the file formats of {(isAll ? "the ten benchmarks, a folder each" : "LongVideoBench, MLVU, Video-MME and NExT-GQA")}.");
        }
        if (options.Sheet is { } sheet)
            await ContactSheet.WriteAsync(videos, options.Side, sheet, cancel);
        return 0;
    }
}
