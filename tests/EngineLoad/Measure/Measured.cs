using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Measure;

/// <summary>The orchestrations that are measured. Their activity does nothing, so what is measured is the engine.</summary>
public static class Measured
{
    public const string Sequential = "MeasureSequential", FanOut = "MeasureFanOut", Single = "MeasureSingle", Nothing = "MeasureNothing";

    /// <param name="Count">Activities in all.</param>
    /// <param name="Window">Activities at a time.</param>
    /// <param name="Bytes">Length of what each activity returns.</param>
    public sealed record Work(int Count, int Window, int Bytes);

    [Function(Sequential)]
    public static async Task<int> RunSequential([OrchestrationTrigger] TaskOrchestrationContext context, Work work)
    {
        for (var i = 0; i < work.Count; i++) await context.CallActivityAsync<string>(Nothing, work.Bytes);
        return work.Count;
    }

    [Function(FanOut)]
    public static async Task<int> RunFanOut([OrchestrationTrigger] TaskOrchestrationContext context, Work work)
    {
        var done = 0;
        while (done < work.Count)
        {
            var window = Math.Min(work.Window, work.Count - done);
            await Task.WhenAll(Enumerable.Range(0, window).Select(_ => context.CallActivityAsync<string>(Nothing, work.Bytes)));
            done += window;
        }
        return done;
    }

    /// <summary>The smallest orchestration that does anything: one activity.</summary>
    [Function(Single)]
    public static async Task<int> RunSingle([OrchestrationTrigger] TaskOrchestrationContext context, Work work)
    {
        await context.CallActivityAsync<string>(Nothing, work.Bytes);
        return 1;
    }

    [Function(Nothing)]
    public static string DoNothing([ActivityTrigger] int bytes) => new('x', bytes);
}
