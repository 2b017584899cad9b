using System.CommandLine;
using System.Globalization;
using Tpo.GpuJob.Memory;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Bench;

/// <summary>
/// `bench-dpo`: the parts of preference training on demand, for whoever measures them from outside. A line is `look K`, `score K` or `step K` of pair K, each
/// answered by `SECONDS LOSS`, or `gradients FILE`, answered by `gradients SHARE NAME`; at the end of the input `peak_kb N`.
/// </summary>
public static class BenchDpoCommand
{
    /// <summary>How a pair goes through the model; the first is what training does, each of the others lacks one of its savings.</summary>
    private static readonly IReadOnlyDictionary<string, PairForward> Ways = new Dictionary<string, PairForward>
    {
        ["shared"] = PairForwards.Shared,
        ["recomputed"] = PairForwards.Recomputed,
        ["separate"] = PairForwards.Separate,
        ["masked"] = Masked,
        ["full-logits"] = FullLogits,
    };

    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "where the model lies; --tokenizer puts one there and measures nothing" };
        var rank = new Option<int>("--rank") { Description = "of the adapter; 0 = projector and decoder are trained" };
        var way = new Option<string>("--way") { Description = string.Join(", ", Ways.Keys), DefaultValueFactory = _ => "shared" };
        way.AcceptOnlyFromAmong([.. Ways.Keys]);
        var tokenizer = new Option<DirectoryInfo?>("--tokenizer") { Description = "folder of the tokenizer.json that is widened to the model's vocabulary" };
        var command = new Command("bench-dpo", "Parts of preference training, one a line of the input (for ./tpo bench dpo).") { folder, rank, way, tokenizer };
        command.SetAction(parsed =>
        {
            ComputeThreads.Use();
            if (parsed.GetValue(tokenizer) is { } from)
                PreferenceBenchFiles.Write(parsed.GetValue(folder)!.FullName, from.FullName);
            else
                Measure(parsed.GetValue(folder)!.FullName, parsed.GetValue(rank), Ways[parsed.GetValue(way)!]);
        });
        return command;
    }

    private static void Measure(string folder, int rank, PairForward way)
    {
        using var bench = new PreferenceBench(folder, rank, way);
        while (Console.ReadLine()?.Split(' ', 2) is [var verb, var what])
            Console.WriteLine(verb switch
            {
                "look" => Line(bench.Look(Pair(what)), 0),
                "score" => Line(bench.Score(Pair(what)), 0),
                "step" => Line(bench.Step(Pair(what))),
                "gradients" => Line(Compared(bench, what)),
                _ => throw new InvalidDataException($"'{verb}' is none of: look, score, step, gradients."),
            });
        Console.WriteLine($"peak_kb {ResidentMemory.Peak() >> 10}");
    }

    /// <summary>What reading the other's gradients took is no part of training.</summary>
    private static (double Share, string Name) Compared(PreferenceBench bench, string file)
    {
        var found = bench.Compare(file);
        GC.Collect();
        ResidentMemory.ForgetPeak();
        return found;
    }

    private static int Pair(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Line((double Seconds, double Loss) step) => Line(step.Seconds, step.Loss);

    private static string Line(double seconds, double loss) => string.Create(CultureInfo.InvariantCulture, $"{seconds:F6} {loss:F8}");

    private static string Line((double Share, string Name) gradient) => string.Create(CultureInfo.InvariantCulture, $"gradients {gradient.Share:E2} {gradient.Name}");

    /// <summary>One row of both answers, attention over all of it with a mask, every row through every layer.</summary>
    private static PairPass Masked(LlavaQwenForCausalLM model, TrainingPair pair) =>
        new(SharedPrefixBatch.SumByBranch(pair.Sequence, SharedPrefixBatch.TokenLogProbs(model, [pair.Sequence], [model.ProjectFrames(pair.Patches)])[0]));

    /// <summary>Every row's logits.</summary>
    private static PairPass FullLogits(LlavaQwenForCausalLM model, TrainingPair pair)
    {
        using var scope = NewDisposeScope();
        Tensor embeds = SharedPrefixBatch.EmbedRow(model, pair.Sequence, model.ProjectFrames(pair.Patches), pair.Sequence.Length).unsqueeze(0);
        RowPlan plan = RowPlan.Of(model, pair.Sequence);
        plan = plan with { From = 0, LastBlocks = plan.Blocks, Rows = plan.Rows + plan.From };
        Tensor all = nn.functional.log_softmax(model.Logits(model.ForwardRow(embeds, plan).select(0, 0)), -1);
        Tensor scored = all.index_select(0, plan.Rows).gather(-1, plan.Tokens.unsqueeze(-1)).squeeze(-1);
        return new PairPass(SharedPrefixBatch.SumByBranch(pair.Sequence, scored).MoveToOuterDisposeScope());
    }
}
