using System.CommandLine;
using System.Globalization;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Imports;
using Tpo.Shared.Storage;

namespace Tpo.Cli.Verbs;

/// <summary>`pairs sample`: some pairs with all that speaks for and against them, to read before money is spent on training. `pairs import`: pairs from elsewhere.</summary>
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
        return new Command("pairs", "Read preference pairs, or bring your own.") { sample, ImportCommand() };
    }

    private static Command ImportCommand()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "a CSV with a header: video, prompt, chosen, rejected, and answer where there is one" };
        var name = new Option<string>("--name") { Description = "the dataset to make a version of", DefaultValueFactory = _ => "imported" };
        var folder = new Option<string>("--folder") { Description = "what stands in front of a row's video in the `videos` container, as in longva/", DefaultValueFactory = _ => "" };
        var import = new Command("import", "Make a dataset version of pairs from elsewhere (the published LongVA-TPO set is such a table); their videos must be uploaded.") { file, name, folder };
        import.SetAction((parsed, cancellation) => ImportAsync(parsed.GetRequiredValue(file), parsed.GetValue(name)!, parsed.GetValue(folder)!, cancellation));
        return import;
    }

    private static async Task<int> ImportAsync(FileInfo file, string name, string folder, CancellationToken cancellation)
    {
        if (!file.Exists)
            throw new CliFailure($"There is no file '{file.FullName}'.");
        if (!DatasetBuilder.IsName(name))
            throw new CliFailure($"'{name}' is no dataset name: use 1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit.");
        var text = await File.ReadAllTextAsync(file.FullName, cancellation);
        var table = PairCsv.Read(text);
        foreach (var problem in table.Problems)
            Console.Error.WriteLine($"{file.Name}: {problem}");
        if (table.Pairs.Count == 0)
            throw new CliFailure($"{file.Name} holds no pair.");
        var storage = Surroundings.Storage();
        var import = await new PairImporter(storage, new Catalog(storage), new TpoSettings(), TimeProvider.System).ImportAsync(name, table.Pairs, text, folder, cancellation);
        foreach (var video in import.MissingVideos)
            Console.Error.WriteLine($"not uploaded, or not probed yet: {video}");
        var card = import.Card ?? throw new CliFailure("None of its videos is in storage: ./tpo upload them first (and see --folder).");
        Console.WriteLine($"{card.Name}/{card.Version}: {card.Pairs} pairs about {card.VideoIds.Count} videos; {table.Problems.Count} rows were no pairs, {import.MissingVideos.Count} videos are missing.");
        foreach (var warning in card.Warnings)
            Console.WriteLine(warning);
        return 0;
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
            {number}. {pair.PairId}  {pair.Kind}  {pair.QueryType}  {pair.VideoBlob}{(pair.Segment is { } span ? $"  {FrameCaption.Clock(span.Start)} to {FrameCaption.Clock(span.End)}, guard band {Number(pair.GuardBandSeconds)} s" : "")}
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
            var times = to == from ? FrameCaption.Clock(captions[from].TimeSeconds) : $"{FrameCaption.Clock(captions[from].TimeSeconds)} to {FrameCaption.Clock(captions[to].TimeSeconds)}";
            Console.WriteLine($"   {(from == 0 ? title : ""),-10} [{times}] {captions[from].Text}");
            from = to + 1;
        }
    }

    private static string Seen(FramePlan plan) => $"{plan.Indices.Length} frames of {FrameCaption.Clock(plan.Times[0])} to {FrameCaption.Clock(plan.Times[^1])}, {plan.View}";

    private static string Number(double? value) => value?.ToString("0.#", CultureInfo.InvariantCulture) ?? "-";
}
