using System.Diagnostics;
using System.Text.Json;
using Tpo.GpuJob.Training;
using Tpo.Shared;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>One training from scratch, as the command line says it.</summary>
public sealed record SftOptions
{
    /// <summary>Folder of checkpoints and curve; a run that finds a checkpoint there goes on from it.</summary>
    public required string Folder { get; init; }
    public uint Seed { get; init; } = 1;
    public required Curriculum Curriculum { get; init; }
    public required LearningRate Rate { get; init; }
    public int SaveEvery { get; init; } = 100;
    /// <summary>Steps between measurements on held-out videos; 0 = never.</summary>
    public int ScoreEvery { get; init; } = 500;
}

/// <summary>A line of the curve: what a step cost and where it stands; `Scores` every now and then.</summary>
public sealed record SftPoint(
    int Step, IReadOnlyList<SampleView> Views, IReadOnlyList<double> Losses, double GradientNorm, double LearningRate, double Seconds, IReadOnlyList<HeldOutScore>? Scores = null);

/// <summary>
/// Supervised training from scratch: draw samples, predict every answer token, Adam on the mean cross-entropy, gradients clipped to norm 1.
/// Samples depend on the step alone, so a resumed run repeats an undisturbed one.
/// </summary>
public sealed class SftRun(SftOptions options)
{
    private const double MaxGradientNorm = 1.0;

    /// <summary>Where a run's folder has its curve, a line a step.</summary>
    public static string CurveOf(string folder) => Path.Combine(folder, "curve.jsonl");

    public int Run(CancellationToken cancel)
    {
        ComputeThreads.Use();
        var tokenizer = NanoTokenizer.Write(options.Folder);
        NanoModel.WriteConfig(options.Folder, tokenizer.Size, tokenizer.SpecialId("<|endoftext|>"), tokenizer.SpecialId(ChatTemplate.TurnEnd));
        var state = new SftState(options.Folder, options.Seed);
        var sampler = new SftSampler("train", options.Seed, state.Model.Config.Vision.ImageSize, weather: true);
        var first = state.Resume();
        Console.WriteLine($"{state.Model.parameters().Sum(parameter => parameter.NumberOfElements):N0} parameters, vocabulary {tokenizer.Size}, from step {first}.");
        Console.WriteLine($"Data of {options.Rate.Steps} steps: sha256 {SftExport.DataHash(options.Seed, options.Curriculum, sampler.Side, options.Rate.Steps)}");

        var clock = Stopwatch.StartNew();
        for (var step = first; step < options.Rate.Steps && !cancel.IsCancellationRequested; step++)
        {
            var halves = sampler.Step(options.Curriculum, step);
            var rate = options.Rate.At(step);
            var (losses, norm) = Learn(state, tokenizer, halves, step, rate);
            var (done, last) = (step + 1, step + 1 == options.Rate.Steps);
            if (done % options.SaveEvery == 0 || last)
                state.Save(done);
            var scored = options.ScoreEvery > 0 && step >= options.Curriculum.ApartSteps && (done % options.ScoreEvery == 0 || last);
            Write(new SftPoint(done, [.. halves.Select(half => half.Part.View)], losses, norm, rate, clock.Elapsed.TotalSeconds,
                scored ? HeldOut.Scores(state.Model, tokenizer) : null));
        }
        return 0;
    }

    /// <summary>
    /// Both halves at once, a thread each: the gradient is the mean of the two, and a sum of two numbers does not depend on who came first,
    /// so a run is the same on one core and on two.
    /// </summary>
    private static (double[] Losses, double Norm) Learn(
        SftState state, Tokenizer tokenizer, IReadOnlyList<(StepPart Part, Func<IReadOnlyList<SftSample>> Draw)> halves, int step, double rate)
    {
        state.Adam.ZeroGradients();
        var losses = new double[halves.Count];
        Task[] working = [.. halves.Select((half, i) => Task.Factory.StartNew(
            () => losses[i] = Backward(state, tokenizer, half.Part, half.Draw(), halves.Count), TaskCreationOptions.LongRunning))];
        Task.WaitAll(working);
        ComputeThreads.Use();
        var norm = nn.utils.clip_grad_norm_(state.Adam.Parameters, MaxGradientNorm);
        state.Adam.Step(step + 1, rate);
        return (losses, norm);
    }

    private static double Backward(SftState state, Tokenizer tokenizer, StepPart part, IReadOnlyList<SftSample> samples, int halves)
    {
        ComputeThreads.Use();
        using var scope = NewDisposeScope();
        Tensor loss = part.View == SampleView.Tower
            ? state.Teacher.Loss(state.Model.EncodeFrames(FramePixels.Of(samples, state.Model.Config.Vision.ImageSize).to(state.Model.Device)), samples)
            : new AnswerBatch(samples, tokenizer, state.Model.Config).Loss(state.Model, state.Teacher);
        (loss / halves).backward();
        return loss.item<float>();
    }

    private void Write(SftPoint point)
    {
        File.AppendAllText(CurveOf(options.Folder), JsonSerializer.Serialize(point, TpoJson.Options) + "\n");
        if (point.Step % 50 == 0 || point.Scores is not null)
            Console.WriteLine($"step {point.Step}  {string.Join(" and ", point.Views),-15}  loss {string.Join(" ", point.Losses.Select(loss => $"{loss:F3}"))}  norm {point.GradientNorm:F2}  lr {point.LearningRate:E1}  {point.Seconds:F0} s");
        foreach (var score in point.Scores ?? [])
            Console.WriteLine($"  {score}");
    }
}
