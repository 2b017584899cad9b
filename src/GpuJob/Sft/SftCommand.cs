using System.CommandLine;

namespace Tpo.GpuJob.Sft;

/// <summary>`sft`: trains tpo-nano from scratch on the synthetic world, resumes where it was stopped, and with `--eval` measures a finished model.</summary>
public static class SftCommand
{
    public static Command Create()
    {
        var folder = new Option<DirectoryInfo>("--out") { Description = "folder of checkpoints and curve; training resumes from what lies there" };
        var evaluate = new Option<DirectoryInfo>("--eval") { Description = "do not train; measure the model in this folder on held-out H.264 videos" };
        var videos = new Option<int>("--videos") { Description = "videos that --eval renders", DefaultValueFactory = _ => 60 };
        var export = new Option<DirectoryInfo>("--export") { Description = "do not train; write the newest checkpoint of --out here as a model folder (f16)" };
        var seed = new Option<uint>("--seed") { Description = "seed of first weights and samples", DefaultValueFactory = _ => 1 };
        var steps = new Option<int>("--steps") { Description = "all steps", DefaultValueFactory = _ => 8000 };
        var tower = new Option<int>("--tower-steps") { Description = "first steps, of the vision tower alone", DefaultValueFactory = _ => 1500 };
        var caption = new Option<int>("--caption-steps") { Description = "then steps of single frames with captions", DefaultValueFactory = _ => 2500 };
        var shorter = new Option<int>("--short-steps") { Description = "then steps of few frames", DefaultValueFactory = _ => 2500 };
        var rate = new Option<double>("--lr") { Description = "peak learning rate", DefaultValueFactory = _ => 1e-3 };
        var decay = new Option<int>("--decay") { Description = "last steps, over which the rate falls", DefaultValueFactory = _ => 1500 };
        var command = new Command("sft", "Trains the small model from scratch on the synthetic world.")
        {
            folder, evaluate, videos, export, seed, steps, tower, caption, shorter, rate, decay,
        };
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(evaluate) is { } model)
                return RealVideoScores.PrintAsync(model.FullName, parsed.GetValue(videos), cancel);
            var run = parsed.GetValue(folder)?.FullName;
            if (run is null)
            {
                Console.Error.WriteLine("sft needs --out FOLDER to train in, or --eval FOLDER to measure.");
                return Task.FromResult(2);
            }
            if (parsed.GetValue(export) is { } target)
                return Task.FromResult(SftExport.Write(run, target.FullName));
            Directory.CreateDirectory(run);
            return Task.FromResult(new SftRun(new SftOptions
            {
                Folder = run, Seed = parsed.GetValue(seed), Curriculum = new Curriculum(parsed.GetValue(tower), parsed.GetValue(caption), parsed.GetValue(shorter)),
                Rate = new LearningRate(parsed.GetValue(rate), 50, parsed.GetValue(tower), parsed.GetValue(steps), parsed.GetValue(decay)),
            }).Run(cancel));
        });
        return command;
    }
}
