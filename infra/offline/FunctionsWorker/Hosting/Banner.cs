using Microsoft.Azure.Functions.Worker;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>What the host says when it is ready: its functions and where they answer.</summary>
internal static class Banner
{
    public static void Write(TextWriter output, FunctionTable table, HttpFunctions http, string address, HostJson hostJson, Uri storage)
    {
        output.WriteLine($"Local function host at {address}, storage {storage}, task hub {hostJson.HubName}");
        output.WriteLine();
        output.WriteLine("Functions:");
        output.WriteLine();
        foreach (var (function, trigger) in table.With<HttpTriggerAttribute>())
        {
            var methods = trigger.Methods is { Length: > 0 } some ? string.Join(',', some).ToUpperInvariant() : "ANY";
            output.WriteLine($"    {function.Name}: [{methods}] {address}{http.Path(function, trigger)}");
        }
        foreach (var function in table.All.Where(f => f.Trigger is not HttpTriggerAttribute))
            output.WriteLine($"    {function.Name}: {function.TriggerType}{Source(function)}");
        foreach (var function in table.Disabled)
            output.WriteLine($"    {function.Name}: disabled");
        output.WriteLine();
        output.Flush();
    }

    private static string Source(LocalFunction function) => function.Trigger switch
    {
        BlobTriggerAttribute blob => $" {blob.BlobPath}",
        QueueTriggerAttribute queue => $" {queue.QueueName}",
        TimerTriggerAttribute timer => $" {timer.Schedule}",
        _ => "",
    };
}
