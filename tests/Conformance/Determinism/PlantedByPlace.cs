using System.Runtime.CompilerServices;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>Where a forbidden use can hide. They are checked, never run.</summary>
internal sealed class PlantedByPlace
{
    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static async Task<DateTime> AfterAnAwait([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CallActivityAsync("A");
        return DateTime.UtcNow;
    }

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime InAHelper([OrchestrationTrigger] TaskOrchestrationContext context) => Places.Helper();

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static async Task InAnAsyncHelper([OrchestrationTrigger] TaskOrchestrationContext context) => await Places.HelperAsync(context);

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime[] InALambda([OrchestrationTrigger] TaskOrchestrationContext context, int[] input) => [.. input.Select(_ => DateTime.UtcNow)];

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static async Task InAnAsyncLambdaWithAClosure([OrchestrationTrigger] TaskOrchestrationContext context, string[] input) =>
        await Task.WhenAll(input.Select(async name => await context.CallActivityAsync(name, DateTime.UtcNow)));

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static async Task InALocalFunction([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await AskAsync();
        Task AskAsync() => context.CallActivityAsync("A", DateTime.UtcNow);
    }

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime InAProperty([OrchestrationTrigger] TaskOrchestrationContext context) => Places.Property;

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static int InAnIterator([OrchestrationTrigger] TaskOrchestrationContext context) => Places.Iterator().Count();

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static async Task<int> InAnAsyncIterator([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var count = 0;
        await foreach (var _ in Places.IteratorAsync(context))
            count++;
        return count;
    }

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime InAStaticConstructor([OrchestrationTrigger] TaskOrchestrationContext context) => Begun.At;

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime InAConstructor([OrchestrationTrigger] TaskOrchestrationContext context) => new Stamped().At;

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static Stamped InAGenericConstructor([OrchestrationTrigger] TaskOrchestrationContext context) => Places.Make<Stamped>();

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static string InAGenericMethod([OrchestrationTrigger] TaskOrchestrationContext context) => Places.With(context.InstanceId);

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime InAGenericType([OrchestrationTrigger] TaskOrchestrationContext context) => new Box<string>().Lid();

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime BehindADelegate([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        Func<DateTime> helper = Places.Helper;
        return helper();
    }

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime BehindAnOverride([OrchestrationTrigger] TaskOrchestrationContext context, Clock clock) => clock.Read();

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static DateTime BehindAnInterface([OrchestrationTrigger] TaskOrchestrationContext context, IClock clock) => clock.Read();

    [Breaks("DURABLE0001", "DateTime.UtcNow")]
    public static T[] BehindAnInterfaceOfOthers<T>([OrchestrationTrigger] TaskOrchestrationContext context, T[] input) =>
        [.. input.Order(new ByTheClock<T>())];
}

internal static class Places
{
    public static DateTime Property => DateTime.UtcNow;

    public static DateTime Helper() => DateTime.UtcNow;

    public static async Task HelperAsync(TaskOrchestrationContext context)
    {
        await context.CallActivityAsync("A");
        await context.CallActivityAsync("B", DateTime.UtcNow);
    }

    public static IEnumerable<DateTime> Iterator()
    {
        yield return DateTime.UtcNow;
    }

    public static async IAsyncEnumerable<DateTime> IteratorAsync(
        TaskOrchestrationContext context, [EnumeratorCancellation] CancellationToken stop = default)
    {
        await context.CallActivityAsync("A");
        yield return DateTime.UtcNow;
    }

    public static T Make<T>() where T : new() => new();

    public static string With<T>(T value) => $"{value} at {DateTime.UtcNow}";
}

internal static class Begun
{
    public static readonly DateTime At = DateTime.UtcNow;
}

internal sealed class Stamped
{
    public DateTime At { get; } = DateTime.UtcNow;
}

internal sealed class Box<T>
{
    public DateTime Lid() => typeof(T) == typeof(string) ? DateTime.UtcNow : default;
}

internal interface IClock
{
    DateTime Read();
}

internal abstract class Clock
{
    public abstract DateTime Read();
}

internal sealed class WallClock : Clock, IClock
{
    public override DateTime Read() => DateTime.UtcNow;
}

internal sealed class ByTheClock<T> : IComparer<T>
{
    public int Compare(T? x, T? y) => DateTime.UtcNow.Second % 2;
}
