using Tpo.GpuJob.Model;
using Tpo.GpuJob.Synthetic;
using Tpo.GpuJob.Training;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// What a finished model sees in real files: videos of the test split are rendered to H.264, read back by the product's own frame extractor,
/// and every question of every view must be answered to the letter.
/// </summary>
public static class RealVideoScores
{
    private const ulong Seed = 900;
    private const int Side = 128;

    public static async Task<int> PrintAsync(string modelFolder, int videos, CancellationToken cancel)
    {
        using var model = Checkpoint.Load(modelFolder);
        var tokenizer = Tokenizer.Load(modelFolder);
        var samples = new Dictionary<string, List<SftSample>>();
        var scratch = Directory.CreateTempSubdirectory("tpo-eval-");
        try
        {
            for (var index = 0; index < videos; index++)
                await AddAsync(samples, index, Path.Combine(scratch.FullName, "video.mp4"), model.Config.Recipe, cancel);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
        ComputeThreads.Use();
        Console.WriteLine($"{videos} held-out videos of the test split, H.264 at {Side}x{Side}, frames through {model.Config.Preprocess}:");
        foreach (var (view, some) in samples)
            foreach (var score in HeldOut.Score(model, tokenizer, view, some))
                Console.WriteLine($"  {score}");
        return 0;
    }

    private static async Task AddAsync(Dictionary<string, List<SftSample>> samples, int index, string path, ImageRecipe recipe, CancellationToken cancel)
    {
        var video = World.Video("test", Seed, index, WorldShape.Videos);
        await VideoWriter.WriteAsync(video, Side, path, cancel);
        var random = new WorldRandom(WorldRandom.Mix(video.Seed ^ 0x6576616C));
        var oneFrame = new StepPlan(SampleView.Frame, 1, 1, 1, 0);
        var views = video.Scenes
            .Select(scene => (Name: "frame", Plan: oneFrame, Frames: new[] { random.Whole(scene.FirstFrame, scene.FirstFrame + scene.Frames - 1) }))
            .Append(View("segment", new StepPlan(SampleView.Segment, 1, 4, 12, 0)))
            .Append(View("segment-mc", new StepPlan(SampleView.Segment, 1, 4, 6, 1)))
            .Append(View("whole", new StepPlan(SampleView.Whole, 1, World.CoveringFrames, 12, 0)))
            .Append(View("whole-mc", new StepPlan(SampleView.Whole, 1, World.CoveringFrames, 8, 1)));
        foreach (var (name, plan, numbers) in views.ToArray())
        {
            var times = numbers.Select(number => (double)number / SyntheticVideo.FramesPerSecond).ToArray();
            var frames = await new FrameExtractor(new TpoSettings()).ExtractAsync(path, new FramePlan(name, numbers, times), recipe, cancel);
            if (!samples.TryGetValue(name, out var list))
                samples[name] = list = [];
            var questions = SftSampler.Questions(plan, SftSampler.Shown(video, numbers), random).Where(question => question.Choice == name.EndsWith("-mc", StringComparison.Ordinal));
            list.Add(new SftSample([.. frames.Select(frame => frame.Rgb)], [.. questions]));
        }

        (string Name, StepPlan Plan, int[] Frames) View(string name, StepPlan plan) => (name, plan, SftSampler.FrameNumbers(plan, video, random));
    }
}
