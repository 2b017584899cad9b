using System.CommandLine;
using System.Globalization;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;

namespace Tpo.Cli.Verbs;

/// <summary>`pairs sample`: some pairs with all that speaks for and against them, to read before money is spent on training.</summary>
internal static class PairsVerb
{
    public static Command Create()
    {
        var count = new Option<int>("-n", "--count") { Description = "so many pairs", DefaultValueFactory = _ => 20 };
        var rejected = new Option<bool>("--rejected") { Description = "candidates that were dropped, each with its reason, instead of kept pairs" };
        var kind = new Option<PairKind?>("--kind") { Description = "localized or comprehensive pairs alone" };
        var seed = new Option<int>("--seed") { Description = "another seed draws other pairs", DefaultValueFactory = _ => 1 };
        var sample = new Command("sample", "Print pairs drawn by chance, with their evidence.") { count, rejected, kind, seed };
        sample.SetAction((parsed, cancellation) => SampleAsync(
            parsed.GetValue(count), parsed.GetValue(rejected), parsed.GetValue(kind), parsed.GetValue(seed), cancellation));
        return new Command("pairs", "Read preference pairs.") { sample };
    }

    private static async Task<int> SampleAsync(int count, bool rejected, PairKind? kind, int seed, CancellationToken cancellation)
    {
        if (count < 1)
            throw new CliFailure($"-n is {count}; it must be at least 1.");
        using var api = ApiClient.FromSurroundings();
        var entries = (await api.ListAsync<PairEntry>("/api/pairs", cancellation, rejected ? "&rejected=true" : "")).Where(entry => kind is null || entry.Kind == kind)
            .OrderBy(entry => entry.PairId, StringComparer.Ordinal).ToList();
        if (entries.Count == 0)
            throw new CliFailure($"There are no {(rejected ? "rejected candidates" : "pairs")}{(kind is null ? "" : $" of the kind {kind}")} yet: ./tpo upload VIDEO... makes some.");
        var drawn = entries.Select((entry, i) => (entry, Key: SeededOrder.Key(seed, i))).OrderBy(pair => pair.Key).Take(count).Select(pair => pair.entry).ToList();
        foreach (var (number, entry) in drawn.Index())
        {
            var pair = await api.GetAsync<PreferencePair>($"/api/pairs/{entry.PairId}", cancellation);
            var evidence = await api.GetAsync<PairEvidence>($"/api/pairs/{entry.PairId}/evidence", cancellation);
            Print(number + 1, pair, evidence);
        }
        Console.WriteLine($"{drawn.Count} of {entries.Count} {(rejected ? "rejected candidates" : "pairs")}.");
        return 0;
    }

    private static void Print(int number, PreferencePair pair, PairEvidence evidence)
    {
        Console.WriteLine($"""
            {number}. {pair.PairId}  {pair.Kind}  {pair.QueryType}  {pair.VideoBlob}{(pair.Segment is { } span ? $"  {Clock(span.Start)} to {Clock(span.End)}, guard band {Number(pair.GuardBandSeconds)} s" : "")}
               query      {pair.Query}
               reference  {pair.ReferenceAnswer}
               chosen     {pair.Chosen}    (saw {Seen(pair.ChosenPlan)})
               rejected   {pair.Rejected}    (saw {Seen(pair.RejectedPlan)})
               judge      {pair.Verdict.JudgeId}: better {pair.Verdict.BetterThanRejected}, contradicts {pair.Verdict.ContradictsOrAmbiguous}, correct {pair.Verdict.Correct}, swapped {pair.Verdict.BetterWhenSwapped}{(pair.Verdict.Reason is { } reason ? $": {reason}" : "")}
            """);
        Print("captions", evidence.Captions);
        Print("elsewhere", evidence.Elsewhere);
        Print("said", [.. evidence.Said.Select(cue => new FrameCaption(0, cue.Span.Start, cue.Text))]);
        Console.WriteLine();
    }

    /// <summary>Neighbouring frames that say the same stand on one line.</summary>
    private static void Print(string title, IReadOnlyList<FrameCaption> captions)
    {
        for (var from = 0; from < captions.Count;)
        {
            var to = from;
            while (to + 1 < captions.Count && captions[to + 1].Text == captions[from].Text)
                to++;
            var times = to == from ? Clock(captions[from].TimeSeconds) : $"{Clock(captions[from].TimeSeconds)} to {Clock(captions[to].TimeSeconds)}";
            Console.WriteLine($"   {(from == 0 ? title : ""),-10} [{times}] {captions[from].Text}");
            from = to + 1;
        }
    }

    private static string Seen(FramePlan plan) => $"{plan.Indices.Length} frames of {Clock(plan.Times[0])} to {Clock(plan.Times[^1])}, {plan.View}";

    private static string Clock(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60:00}:{(int)seconds % 60:00}");

    private static string Number(double? value) => value?.ToString("0.#", CultureInfo.InvariantCulture) ?? "-";
}
