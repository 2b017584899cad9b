using System.CommandLine;
using Spectre.Console;
using Tpo.Cli;
using Tpo.Cli.Verbs;

// What `./tpo` runs: a client of the HTTP API and of blob storage, like any user's.
var root = new RootCommand("TPO Serverless: temporal preference optimisation of video language models.")
{
    SeedVerb.Create(),
    DemoVerb.Create(),
    UploadVerb.Create(),
    TrainVerb.Create(),
    BenchmarkVerb.Create(),
    StatusVerb.Create(),
    PairsVerb.Create(),
    CancelVerb.Create(),
    FramesVerb.Create(),
    BenchVerb.Create(),
    VerifyVerb.Create(),
    ExperimentVerb.Create(),
};

// Into a file or a pipe go whole lines and no colours, as wide as the tables need.
if (Console.IsOutputRedirected)
{
    AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
    AnsiConsole.Profile.Width = 160;
}

try
{
    var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
    return await root.Parse(args).InvokeAsync(configuration);
}
catch (CliFailure failure)
{
    AnsiConsole.MarkupLineInterpolated($"[red]tpo:[/] {failure.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    AnsiConsole.MarkupLine("[yellow]tpo:[/] stopped; what was started on the server goes on (./tpo status shows it).");
    return 130;
}
