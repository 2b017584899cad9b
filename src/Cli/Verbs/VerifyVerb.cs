using System.CommandLine;

namespace Tpo.Cli.Verbs;

/// <summary>`verify PATH…`: this build against reference numbers. The job does it, since it has the model; its exit code is this tool's.</summary>
internal static class VerifyVerb
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "model folders and other reference numbers; each is known by its content", Arity = ArgumentArity.OneOrMore };
        var engine = new Option<string>("--engine") { Description = "what computes a model's numbers", DefaultValueFactory = _ => "torch" };
        engine.AcceptOnlyFromAmong("torch", "onnx");
        var details = new Option<bool>("--details") { Description = "also a line for each thing compared" };
        var command = new Command("verify", "Compare this build with reference numbers: 0 within tolerance, 1 not, 2 a path of no known kind.") { paths, engine, details };
        command.SetAction((parsed, cancellation) => Job.ForwardAsync(
            ["verify", .. parsed.GetValue(paths)!, "--engine", parsed.GetValue(engine)!, .. parsed.GetValue(details) ? ["--details"] : Array.Empty<string>()], cancellation));
        return command;
    }
}
