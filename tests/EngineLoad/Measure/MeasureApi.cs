using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Tpo.Tests.EngineLoad.Measure;

/// <summary>
/// Runs a measured load and waits for its end; the answer is a <see cref="Measurement"/> as JSON. <c>bytes</c> makes the results of
/// activities, and so the histories, that long each.
/// </summary>
public static class MeasureApi
{
    /// <summary>One orchestration, n activities one after the other.</summary>
    [Function("measure-sequential")]
    public static Task<IActionResult> Sequential(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "measure/sequential")] HttpRequest request,
        [DurableClient] DurableTaskClient client, CancellationToken cancellation, [FromQuery] int n = 200, [FromQuery] int bytes = 0) =>
        MeasureAsync(n, () => RunAsync(client, Measured.Sequential, new(n, 1, bytes), cancellation));

    /// <summary>One orchestration, n activities in windows.</summary>
    [Function("measure-fanout")]
    public static Task<IActionResult> FanOut(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "measure/fanout")] HttpRequest request,
        [DurableClient] DurableTaskClient client, CancellationToken cancellation, [FromQuery] int n = 5000, [FromQuery] int window = 200,
        [FromQuery] int bytes = 0) =>
        MeasureAsync(n, () => RunAsync(client, Measured.FanOut, new(n, window, bytes), cancellation));

    /// <summary>n orchestrations of one activity each, all at once.</summary>
    [Function("measure-orchestrations")]
    public static Task<IActionResult> Orchestrations(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "measure/orchestrations")] HttpRequest request,
        [DurableClient] DurableTaskClient client, CancellationToken cancellation, [FromQuery] int n = 200, [FromQuery] int bytes = 0) =>
        MeasureAsync(n, () => Task.WhenAll(Enumerable.Range(0, n)
            .Select(_ => RunAsync(client, Measured.Single, new(1, 1, bytes), cancellation))));

    /// <summary>Several fan-outs at once: <c>instances</c> orchestrations, each of n activities in windows.</summary>
    [Function("measure-together")]
    public static Task<IActionResult> Together(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "measure/together")] HttpRequest request,
        [DurableClient] DurableTaskClient client, CancellationToken cancellation, [FromQuery] int instances = 200, [FromQuery] int n = 25,
        [FromQuery] int window = 5, [FromQuery] int bytes = 0) =>
        MeasureAsync(instances * n, () => Task.WhenAll(Enumerable.Range(0, instances)
            .Select(_ => RunAsync(client, Measured.FanOut, new(n, window, bytes), cancellation))));

    private static async Task<IActionResult> MeasureAsync(int count, Func<Task> work) =>
        new OkObjectResult(await Measurement.OfAsync(count, work));

    private static async Task RunAsync(DurableTaskClient client, string orchestrator, Measured.Work work, CancellationToken cancellation)
    {
        var id = await client.ScheduleNewOrchestrationInstanceAsync(orchestrator, work, cancellation);
        var end = await client.WaitForInstanceCompletionAsync(id, cancellation);
        if (end.RuntimeStatus != OrchestrationRuntimeStatus.Completed)
            throw new InvalidOperationException($"'{orchestrator}' ended as {end.RuntimeStatus}: {end}");
    }
}
