using System.CommandLine;

namespace Tpo.Cli.Verbs;

/// <summary>`experiment --check`: whether the shipped model is in the state that preference training addresses. The job does it; its exit code is this tool's.</summary>
internal static class ExperimentVerb
{
    public static Command Create()
    {
        var check = new Option<bool>("--check") { Description = "measure the shipped model: good on short videos, weak on long ones, chance without the right frames" };
        var split = new Option<string>("--split") { Description = "whose videos: validation, or test", DefaultValueFactory = _ => "validation" };
        split.AcceptOnlyFromAmong("validation", "test");
        var shorts = new Option<int?>("--short-videos") { Description = "short videos instead of all 420" };
        var longs = new Option<int?>("--long-videos") { Description = "long videos instead of all 250" };
        var command = new Command("experiment", "Measure the small model on videos that it never saw: 0 where every goal is met, else 1. Rendered videos are kept.") { check, split, shorts, longs };
        // A flag that is not given counts as given with `false`, so `Required` would not ask for it.
        command.Validators.Add(given =>
        {
            if (!given.GetValue(check))
                given.AddError("experiment needs --check: it is the one thing it can do so far.");
        });
        command.SetAction(async (parsed, cancellation) => await Job.ForwardAsync(
            [
                "experiment", "--check", "--model", await ShippedModel.ExportedCopyAsync("experiment", cancellation),
                "--home", Path.Combine(Surroundings.Home, "experiment"), "--split", parsed.GetValue(split)!,
                .. parsed.GetValue(shorts) is { } some ? ["--short-videos", $"{some}"] : Array.Empty<string>(),
                .. parsed.GetValue(longs) is { } few ? ["--long-videos", $"{few}"] : Array.Empty<string>(),
            ], cancellation));
        return command;
    }
}
