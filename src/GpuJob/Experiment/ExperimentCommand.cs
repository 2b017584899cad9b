using System.CommandLine;
using System.Diagnostics;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Experiment;

/// <summary>What `experiment` is asked to measure.</summary>
public sealed record ExperimentOptions(string Model, string Home, string Split, uint Seed, int ShortVideos, int LongVideos);

/// <summary>`experiment --check`: whether a model is in the state that preference training addresses. Exit code 0 where every goal is met, else 1.</summary>
public static class ExperimentCommand
{
    private const int ShortQuestions = 5, LongQuestions = 4;

    public static Command Create()
    {
        var check = new Option<bool>("--check") { Description = "measure whether the model is good on short videos and weak on long ones" };
        var model = new Option<DirectoryInfo>("--model") { Description = "folder of an exported model", Required = true };
        var home = new Option<DirectoryInfo>("--home") { Description = "folder where rendered videos are kept", Required = true };
        var split = new Option<string>("--split") { Description = "whose videos", DefaultValueFactory = _ => "validation" };
        split.AcceptOnlyFromAmong("validation", "test");
        var seed = new Option<uint>("--seed") { Description = "same seed, same videos", DefaultValueFactory = _ => 1 };
        var shorts = new Option<int>("--short-videos") { Description = $"short videos, about {ShortQuestions} questions each", DefaultValueFactory = _ => 420 };
        var longs = new Option<int>("--long-videos") { Description = $"long videos, {LongQuestions} questions each", DefaultValueFactory = _ => 250 };
        var command = new Command("experiment", "Measures whether a model is in the state that preference training addresses.") { check, model, home, split, seed, shorts, longs };
        // A flag that is not given counts as given with `false`, so `Required` would not ask for it.
        command.Validators.Add(given =>
        {
            if (!given.GetValue(check))
                given.AddError("experiment needs --check: it is the one thing it can do so far.");
        });
        command.SetAction((parsed, cancel) => CheckAsync(new ExperimentOptions(
            parsed.GetValue(model)!.FullName, parsed.GetValue(home)!.FullName, parsed.GetValue(split)!, parsed.GetValue(seed),
            parsed.GetValue(shorts), parsed.GetValue(longs)), cancel));
        return command;
    }

    public static async Task<int> CheckAsync(ExperimentOptions options, CancellationToken cancel)
    {
        using var model = VideoLanguageModel.Load(options.Model, Path.GetFileName(options.Model));
        Material[] materials =
        [
            await Material.MakeAsync(options.Home, "short", WorldShape.Short, options.Split, options.Seed, options.ShortVideos, ShortQuestions, cancel),
            await Material.MakeAsync(options.Home, "long", WorldShape.Long, options.Split, options.Seed, options.LongVideos, LongQuestions, cancel),
        ];
        var examined = await ExamineAsync(new Examiner(model, new TpoSettings { FFmpegFolder = Environment.GetEnvironmentVariable("Tpo__FFmpegFolder") ?? "" }), materials, cancel);
        var figures = CheckFigures.Of(examined, materials);
        Console.WriteLine($"\nmodel {model.ModelId}, weights {model.Revision[..12]}, split {options.Split}, seed {options.Seed}: "
            + string.Join("; ", materials.Select(material => $"{material.Name} {material.Videos.Count} videos of {material.Videos.Average(video => video.DurationSeconds):F0} s in {material.Frames} frames, {material.Asked.Count / 4:N0} questions")));
        Print("| what | right [95 %] | answers | goal | |", figures);
        Print("| by kind | right [95 %] | answers | | |",
            materials.SelectMany(material => CheckFigures.ByKind(examined, material.Name, material.Name)).Concat(CheckFigures.ByKind(examined, "long", "oracle")));
        var missed = figures.Count(figure => !figure.Holds);
        Console.WriteLine(missed == 0 ? "\nexperiment check: every goal is met" : $"\nexperiment check: {missed} goals are missed");
        return missed == 0 ? 0 : 1;
    }

    private static async Task<IReadOnlyList<Examined>> ExamineAsync(Examiner examiner, IReadOnlyList<Material> materials, CancellationToken cancel)
    {
        var found = new List<Examined>();
        var (done, all, told) = (0, materials.Sum(material => material.Videos.Count), Stopwatch.StartNew());
        foreach (var material in materials)
        {
            foreach (var video in material.Videos)
            {
                found.AddRange(await examiner.ExamineAsync(material, video, cancel));
                done++;
                if (told.Elapsed.TotalSeconds < 10)
                    continue;
                told.Restart();
                Console.WriteLine($"  {done} of {all} videos asked");
            }
        }
        return found;
    }

    private static void Print(string header, IEnumerable<CheckFigure> figures)
    {
        Console.WriteLine($"\n{header}\n|---|---|---|---|---|");
        foreach (var figure in figures)
            Console.WriteLine(figure.Row);
    }
}
