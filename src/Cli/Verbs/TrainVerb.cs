using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tpo.Shared;
using Tpo.Shared.Training;

namespace Tpo.Cli.Verbs;

/// <summary>`train`: starts a run by HTTP and follows it to its end.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        var defaults = new TrainingRequest();
        var model = new Option<string>("--base") { Description = "model to tune", DefaultValueFactory = _ => defaults.BaseModel };
        var dataset = new Option<string>("--dataset") { Description = "name, or name/version", DefaultValueFactory = _ => defaults.Dataset };
        var steps = new Option<int>("--steps") { Description = "optimiser steps", DefaultValueFactory = _ => defaults.Steps };
        var batch = new Option<int>("--batch") { Description = "pairs a step", DefaultValueFactory = _ => defaults.BatchSize };
        var rate = new Option<double>("--lr") { Description = "learning rate", DefaultValueFactory = _ => defaults.LearningRate };
        var beta = new Option<double>("--beta") { Description = "β of DPO", DefaultValueFactory = _ => defaults.Beta };
        var sft = new Option<double>("--sft-weight") { Description = "weight of the SFT term (the paper's α)", DefaultValueFactory = _ => defaults.SftWeight };
        var lora = new Option<int>("--lora-rank") { Description = "train an adapter of this rank alone; 0 = projector and language model", DefaultValueFactory = _ => defaults.LoraRank };
        var preset = new Option<string?>("--preset") { Description = $"a published run's settings, other options go before it: {string.Join(", ", TrainingPresets.All.Keys)}" };
        preset.AcceptOnlyFromAmong([.. TrainingPresets.All.Keys]);
        var seed = new Option<int>("--seed") { Description = "order of the pairs", DefaultValueFactory = _ => defaults.Seed };
        var backend = new Option<string>("--backend") { Description = $"where the job runs: {string.Join(", ", TrainingBackends.All)}", DefaultValueFactory = _ => defaults.Backend };
        var hours = new Option<double?>("--max-hours") { Description = "budget: the job is ended where it goes on longer" };
        var rounds = new Option<int>("--rounds")
        {
            Description = "at most so often: curate with the newest model, train it, compare it; ends where a round brings no gain", DefaultValueFactory = _ => defaults.Rounds,
        };
        var dry = new Option<bool>("--dry-run") { Description = "print the first step's pairs as the model would see them and what training takes, and train nothing" };
        var command = new Command("train", "Start a training run on the kept pairs and follow it.") { model, dataset, preset, steps, batch, rate, beta, sft, lora, seed, backend, hours, rounds, dry };
        command.SetAction(async (parse, cancellation) =>
        {
            var start = parse.GetValue(preset) is { } name ? TrainingPresets.All[name] : defaults;
            var request = start with
            {
                BaseModel = parse.GetRequiredValue(model),
                Dataset = parse.GetRequiredValue(dataset),
                Steps = Given(steps, start.Steps),
                Epochs = parse.GetResult(steps) is { Implicit: false } ? null : start.Epochs,
                BatchSize = Given(batch, start.BatchSize),
                LearningRate = Given(rate, start.LearningRate),
                Beta = Given(beta, start.Beta),
                SftWeight = Given(sft, start.SftWeight),
                LoraRank = Given(lora, start.LoraRank),
                Seed = parse.GetRequiredValue(seed),
                Backend = parse.GetRequiredValue(backend),
                Rounds = parse.GetRequiredValue(rounds),
                Budget = parse.GetValue(hours) is { } most ? new TrainingBudget(most) : null,
            };
            if (parse.GetValue(dry))
                return await DryRunAsync(request, cancellation);
            using var api = ApiClient.FromSurroundings();
            await RunAsync(api, request, cancellation);
            return 0;

            // What the caller typed goes before the preset, the preset before the defaults.
            T Given<T>(Option<T> option, T otherwise) => parse.GetResult(option) is { Implicit: false } ? parse.GetRequiredValue(option) : otherwise;
        });
        return command;
    }

    /// <summary>The job has the model's rows; its words and its exit code are this tool's.</summary>
    private static async Task<int> DryRunAsync(TrainingRequest request, CancellationToken cancellation)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, JsonSerializer.Serialize(request, TpoJson.Options), cancellation);
            return await Job.ForwardAsync(["train", "--dry-run", path], cancellation);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Starts the run, shows its progress, prints its table; a run that does not succeed is a failure with its reason.</summary>
    public static async Task<TrainingStatus> RunAsync(ApiClient api, TrainingRequest request, CancellationToken cancellation)
    {
        var location = await api.StartAsync("/api/training", request, cancellation);
        AnsiConsole.MarkupLineInterpolated($"training {location}");
        var status = await AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("training", maxValue: request.Steps);
            while (true)
            {
                var seen = await api.GetAsync<TrainingStatus>(location, cancellation);
                task.MaxValue = seen.Progress is { Steps: > 0 } beat ? beat.Steps : seen.Run.Request.Steps;
                task.Value = seen.Progress?.Step ?? 0;
                task.Description = seen.Round?.ToString() ?? seen.Run.Status.ToString();
                if (seen.Run.IsFinal)
                    return seen;
                await Task.Delay(500, cancellation);
            }
        });
        Print(status);
        if (status.Run.Status != RunStatus.Succeeded)
            throw new CliFailure($"The training run {status.Run.RunId} ended as {status.Run.Status}: {status.Run.Failure}");
        return status;
    }

    private static void Print(TrainingStatus status)
    {
        var table = new Table().AddColumns("step", "loss", "DPO", "SFT", "reward accuracy", "margin", "gradient norm");
        foreach (var row in Thin(status.Metrics))
            table.AddRow(row.Step.ToString(CultureInfo.InvariantCulture), Number(row.Loss), Number(row.DpoLoss), Number(row.SftLoss), Number(row.RewardAccuracy), Number(row.Margin), Number(row.GradientNorm));
        AnsiConsole.Write(table);
        foreach (var curve in status.Curves)
            AnsiConsole.MarkupLineInterpolated($"{(curve.Normal == false ? "look here" : curve.Normal == true ? "normal   " : "         ")}  {curve.Sentence}");
        foreach (var round in status.Run.Rounds ?? [])
            AnsiConsole.MarkupLineInterpolated($"round {round.Round}   run {round.RunId} on {round.Dataset}: {round.Sentence}");
        if (status.Run.Rounds is not null && status.Run is { Stopped: not null, Result: null })
            AnsiConsole.MarkupLineInterpolated($"No round brought a gain: {status.Run.Request.BaseModel} stays the model to use.");
        if (status.Run.Result is { } result)
        {
            AnsiConsole.MarkupLineInterpolated($"model {result.ModelId}: {result.Steps} steps on {result.Pairs} pairs of {result.Dataset} in {result.Seconds:F0} s");
            AnsiConsole.MarkupLineInterpolated($"weights {result.BaseWeightsSha256[..12]} (base) -> {result.WeightsSha256[..12]} (tuned)");
        }
    }

    private static IEnumerable<TrainingMetrics> Thin(IReadOnlyList<TrainingMetrics> rows) =>
        rows.Where((row, index) => index == 0 || index == rows.Count - 1 || index % Math.Max(1, rows.Count / 10) == 0);

    private static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
