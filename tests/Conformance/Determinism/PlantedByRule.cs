using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>This orchestrator breaks that rule, and no other, by that use.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BreaksAttribute(string rule, string use) : Attribute
{
    public string Rule { get; } = rule;

    public string Use { get; } = use;
}

/// <summary>Orchestrators that each break one rule in plain sight. They are checked, never run.</summary>
internal sealed class PlantedByRule(ILogger<PlantedByRule> logger)
{
    private static int calls;

    [Breaks("DURABLE0001", "DateTime.Now")]
    public static DateTime LocalTime([OrchestrationTrigger] TaskOrchestrationContext context) => DateTime.Now;

    [Breaks("DURABLE0001", "DateTimeOffset.UtcNow")]
    public static DateTimeOffset Offset([OrchestrationTrigger] TaskOrchestrationContext context) => DateTimeOffset.UtcNow;

    [Breaks("DURABLE0001", "Stopwatch.GetTimestamp")]
    public static long Watch([OrchestrationTrigger] TaskOrchestrationContext context) => Stopwatch.GetTimestamp();

    [Breaks("DURABLE0001", "Environment.TickCount64")]
    public static long Ticks([OrchestrationTrigger] TaskOrchestrationContext context) => Environment.TickCount64;

    [Breaks("DURABLE0001", "TimeProvider.GetUtcNow")]
    public static DateTimeOffset Provider([OrchestrationTrigger] TaskOrchestrationContext context, TimeProvider clock) => clock.GetUtcNow();

    [Breaks("DURABLE0002", "Guid.NewGuid")]
    public static Guid Guids([OrchestrationTrigger] TaskOrchestrationContext context) => Guid.NewGuid();

    [Breaks("DURABLE0002", "Guid.CreateVersion7")]
    public static Guid OrderedGuids([OrchestrationTrigger] TaskOrchestrationContext context) => Guid.CreateVersion7();

    [Breaks("DURABLE0003", "Task.Delay")]
    public static async Task Delay([OrchestrationTrigger] TaskOrchestrationContext context) => await Task.Delay(1000);

    [Breaks("DURABLE0003", "Thread.Sleep")]
    public static void Sleep([OrchestrationTrigger] TaskOrchestrationContext context) => Thread.Sleep(1000);

    [Breaks("DURABLE0003", "new CancellationTokenSource")]
    public static CancellationTokenSource Timeout([OrchestrationTrigger] TaskOrchestrationContext context) => new(TimeSpan.FromSeconds(1));

    [Breaks("DURABLE0004", "Task.Run")]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context) => await Task.Run(() => { });

    [Breaks("DURABLE0004", "TaskFactory.StartNew")]
    public static Task StartNew([OrchestrationTrigger] TaskOrchestrationContext context) => Task.Factory.StartNew(() => { });

    [Breaks("DURABLE0004", "new Thread")]
    public static void OwnThread([OrchestrationTrigger] TaskOrchestrationContext context) => _ = new Thread(() => { });

    [Breaks("DURABLE0004", "ThreadPool.QueueUserWorkItem")]
    public static void Pool([OrchestrationTrigger] TaskOrchestrationContext context) => ThreadPool.QueueUserWorkItem(_ => { });

    [Breaks("DURABLE0004", "Parallel.For")]
    public static void InParallel([OrchestrationTrigger] TaskOrchestrationContext context) => Parallel.For(0, 2, _ => { });

    [Breaks("DURABLE0004", "Task.ContinueWith")]
    public static Task Continuation([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync("A").ContinueWith(_ => { });

    [Breaks("DURABLE0004", "Task.ConfigureAwait")]
    public static async Task OffTheThread([OrchestrationTrigger] TaskOrchestrationContext context) =>
        await context.CallActivityAsync("A").ConfigureAwait(false);

    [Breaks("DURABLE0005", "File.ReadAllText")]
    public static string FileText([OrchestrationTrigger] TaskOrchestrationContext context) => File.ReadAllText("input");

    [Breaks("DURABLE0005", "HttpClient.GetStringAsync")]
    public static async Task<string> Http([OrchestrationTrigger] TaskOrchestrationContext context, HttpClient http) =>
        await http.GetStringAsync("http://localhost");

    [Breaks("DURABLE0005", "BlobBaseClient.ExistsAsync")]
    public static async Task Blob([OrchestrationTrigger] TaskOrchestrationContext context, Azure.Storage.Blobs.BlobClient blob) =>
        await blob.ExistsAsync();

    [Breaks("DURABLE0005", "Process.Start")]
    public static void Program([OrchestrationTrigger] TaskOrchestrationContext context) => Process.Start("true");

    [Breaks("DURABLE0005", "Console.WriteLine")]
    public static void Screen([OrchestrationTrigger] TaskOrchestrationContext context) => Console.WriteLine(context.InstanceId);

    [Breaks("DURABLE0006", "Environment.GetEnvironmentVariable")]
    public static string? Setting([OrchestrationTrigger] TaskOrchestrationContext context) => Environment.GetEnvironmentVariable("HOME");

    [Breaks("DURABLE0006", "Environment.MachineName")]
    public static string Machine([OrchestrationTrigger] TaskOrchestrationContext context) => Environment.MachineName;

    [Breaks("DURABLE0007", "the parameter 'stop' of type CancellationToken")]
    public static string Token([OrchestrationTrigger] TaskOrchestrationContext context, CancellationToken stop) => context.InstanceId;

    [Breaks("DURABLE0008", "the parameter 'client' with [DurableClient]")]
    public static string Client([OrchestrationTrigger] TaskOrchestrationContext context, [DurableClient] DurableTaskClient client) => context.InstanceId;

    [Breaks("DURABLE0009", "TaskOrchestrationContext.GetInput")]
    public static string? Input([OrchestrationTrigger] TaskOrchestrationContext context) => context.GetInput<string>();

    [Breaks("DURABLE0010", "PlantedByRule.logger")]
    public void Log([OrchestrationTrigger] TaskOrchestrationContext context) => logger.LogInformation("{Id}", context.InstanceId);

    [Breaks("DURABLE0010", "LoggerFactoryExtensions.CreateLogger")]
    public static void NewLogger([OrchestrationTrigger] TaskOrchestrationContext context, ILoggerFactory loggers) => loggers.CreateLogger<PlantedByRule>();

    [Breaks("TPO0001", "Random.Shared")]
    public static int Chance([OrchestrationTrigger] TaskOrchestrationContext context) => Random.Shared.Next();

    [Breaks("TPO0002", "PlantedByRule.calls")]
    public static int Shared([OrchestrationTrigger] TaskOrchestrationContext context) => ++calls;

    [Breaks("TPO0003", "Monitor.Enter")]
    public static string Locked([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        lock (context)
            return context.InstanceId;
    }
}
