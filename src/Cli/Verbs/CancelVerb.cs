using System.CommandLine;
using Spectre.Console;

namespace Tpo.Cli.Verbs;

/// <summary>`cancel RUN`: asks a training run to stop after its current step.</summary>
internal static class CancelVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "run id (./tpo status lists them)" };
        var command = new Command("cancel", "Stop a training run after its current step.") { run };
        command.SetAction(async (parse, cancellation) =>
        {
            using var api = ApiClient.FromSurroundings();
            await api.DeleteAsync($"/api/training/{Uri.EscapeDataString(parse.GetRequiredValue(run))}", cancellation);
            AnsiConsole.MarkupLineInterpolated($"asked {parse.GetRequiredValue(run)} to stop");
            return 0;
        });
        return command;
    }
}
