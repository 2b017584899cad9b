using System.CommandLine;

namespace Tpo.GpuJob.Sft;

/// <summary>`sft`: trains tpo-nano from scratch on the synthetic world, resumes where it was stopped.</summary>
public static class SftCommand
{
    public static Command Create()
    {
        var folder = new Option<DirectoryInfo>("--out") { Description = "folder of checkpoints and curve; training resumes from what lies there" };
        var export = new Option<DirectoryInfo>("--export") { Description = "do not train; write the newest checkpoint of --out here as a model folder (f16)" };
        var seed = new Option<uint>("--seed") { Description = "seed of first weights and samples", DefaultValueFactory = _ => 1 };
        var steps = new Option<int>("--steps") { Description = "all steps", DefaultValueFactory = _ => 15000 };
        var apart = new Option<int>("--apart-steps") { Description = "first steps: the vision tower alone, and words alone", DefaultValueFactory = _ => 1800 };
        var frame = new Option<int>("--frame-steps") { Description = "then steps of captions, and of facts in words", DefaultValueFactory = _ => 200 };
        var words = new Option<int>("--word-steps") { Description = "then steps of reading frames, and of looking things up in words", DefaultValueFactory = _ => 1400 };
        var pictures = new Option<int>("--picture-steps") { Description = "then steps of looking things up in short videos", DefaultValueFactory = _ => 1900 };
        var join = new Option<int>("--join-steps") { Description = "then steps of finding things by colour alone and of naming letters, in words", DefaultValueFactory = _ => 2300 };
        var letters = new Option<int>("--letter-steps") { Description = "then steps of naming letters in short videos", DefaultValueFactory = _ => 800 };
        var widen = new Option<int>("--widen-steps") { Description = "then steps in which kinds of questions are added, a few at a time; what follows is everything together", DefaultValueFactory = _ => 3500 };
        var rate = new Option<double>("--lr") { Description = "peak learning rate", DefaultValueFactory = _ => 1e-3 };
        var decay = new Option<int>("--decay") { Description = "last steps, over which the rate falls", DefaultValueFactory = _ => 1500 };
        var command = new Command("sft", "Trains the small model from scratch on the synthetic world.")
        {
            folder, export, seed, steps, apart, frame, words, pictures, join, letters, widen, rate, decay,
        };
        command.SetAction((parsed, cancel) =>
        {
            var run = parsed.GetValue(folder)?.FullName;
            if (run is null)
            {
                Console.Error.WriteLine("sft needs --out FOLDER to train in.");
                return Task.FromResult(2);
            }
            if (parsed.GetValue(export) is { } target)
                return Task.FromResult(SftExport.Write(run, target.FullName));
            Directory.CreateDirectory(run);
            return Task.FromResult(new SftRun(new SftOptions
            {
                Folder = run, Seed = parsed.GetValue(seed), Curriculum = new Curriculum(parsed.GetValue(apart), parsed.GetValue(frame), parsed.GetValue(words), parsed.GetValue(pictures), parsed.GetValue(join), parsed.GetValue(letters), parsed.GetValue(widen)),
                Rate = new LearningRate(parsed.GetValue(rate), 100, parsed.GetValue(apart), parsed.GetValue(steps), parsed.GetValue(decay)),
            }).Run(cancel));
        });
        return command;
    }
}
