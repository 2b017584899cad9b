using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>Orchestrators that are in order, with all that the compiler adds to them: nothing may be reported here.</summary>
internal sealed class SoundOrchestrators
{
    private static readonly TaskOptions retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(1)));

    public static async Task<string> Everything([OrchestrationTrigger] TaskOrchestrationContext context, string[] names)
    {
        var log = context.CreateReplaySafeLogger<SoundOrchestrators>();
        log.LogInformation("{Count} names at {Time}", names.Length, context.CurrentUtcDateTime);
        var numbered = names.Where(name => name.Length > 0).Select((name, i) => new Numbered(i, name)).ToArray(); // cached lambdas
        var texts = numbered.Select(Text).ToList(); // a cached method group
        await Task.WhenAll(numbered.Select(async one => await context.CallActivityAsync<string>(one.Name, one, retried).ConfigureAwait(true)));
        foreach (var pair in Pairs(texts))
            await AskAsync(pair.Item1);
        using var giveUp = new CancellationTokenSource();
        var timer = context.CreateTimer(TimeSpan.FromHours(1), giveUp.Token);
        if (await Task.WhenAny(timer, context.WaitForExternalEvent<string>("go")) != timer)
            giveUp.Cancel();
        return names.Length switch { 0 => "none", 1 => Generic(names[0]), _ => string.Join(Environment.NewLine, texts) };

        Task AskAsync(string text) => context.CallActivityAsync("Ask", new { text, id = context.NewGuid(), path = Path.Combine("a", text) });
    }

    private static string Text(Numbered one) => one.ToString();

    private static string Generic<T>(T value) where T : IComparable<T> => new[] { value }.Max(one => $"{one}")!;

    private static IEnumerable<(string, string)> Pairs(List<string> texts)
    {
        for (var i = 1; i < texts.Count; i++)
            yield return (texts[i - 1], texts[i]);
    }

    private sealed record Numbered(int Number, string Name)
    {
        public event Action? Changed;

        public void Change() => Changed?.Invoke();
    }
}
