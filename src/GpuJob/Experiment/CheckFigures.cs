using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.GpuJob.Experiment;

/// <summary>One number that the model must reach: a share of right answers with its 95 % interval over videos.</summary>
/// <param name="Least">the goal's lower end, null where there is none</param>
/// <param name="Most">the goal's upper end, null where there is none</param>
public sealed record CheckFigure(string Name, Interval Share, int Answers, int Videos, double? Least, double? Most)
{
    public bool Holds => (Least is null || Share.Mean >= Least) && (Most is null || Share.Mean <= Most);

    public string Goal => (Least, Most) switch
    {
        ({ } least, { } most) => $"{100 * least:F0} to {100 * most:F0} %",
        ({ } least, _) => $"at least {100 * least:F0} %",
        _ => "",
    };

    /// <summary>A row of the model card's table.</summary>
    public string Row =>
        $"| {Name} | {100 * Share.Mean:F1} % [{100 * Share.Low:F1}, {100 * Share.High:F1}] | {Answers:N0} on {Videos} videos | {Goal} | {(Goal == "" ? "" : Holds ? "ok" : "short")} |";
}

/// <summary>What the small model must be like, so that preference training has something to show: good on short videos, weak on long ones, by dilution alone.</summary>
public static class CheckFigures
{
    private const double Chance = 0.25, Near = 0.03;
    private const int Seed = 7;

    public static IReadOnlyList<CheckFigure> Of(IReadOnlyList<Examined> examined, IReadOnlyList<Material> materials) =>
    [
        Figure("single-frame captions, exact", examined.Where(answer => answer is { View: "caption", Material: "short" }), 0.95),
        .. ChoiceBenchmarks.All.Select(form => Figure($"short, {form.Name}", Letters(examined, "short", "short").Where(answer => answer.Form == form.Name), 0.80)),
        Figure("short, open answers, exact", examined.Where(answer => answer is { View: "short", Form: "open" })),
        Figure("oracle evidence of the long questions", Letters(examined, "long", "oracle"), 0.75),
        Figure("long", Letters(examined, "long", "long"), 0.40, 0.60),
        .. ChoiceBenchmarks.All.Select(form => Figure($"long, {form.Name}", Letters(examined, "long", "long").Where(answer => answer.Form == form.Name))),
        Figure("long, open answers, exact", examined.Where(answer => answer is { View: "long", Form: "open" })),
        .. materials.SelectMany(material => new[]
        {
            Figure($"{material.Name}, no video", Letters(examined, material.Name, "no video"), Chance - Near, Chance + Near),
            Figure($"{material.Name}, one frame (the middle one)", Letters(examined, material.Name, "one frame"), Chance - Near, Chance + Near),
            Figure($"{material.Name}, the most frequent letter", Prior(material), Chance - Near, Chance + Near),
        }),
    ];

    /// <summary>Shares by kind of question, of one view.</summary>
    public static IEnumerable<CheckFigure> ByKind(IReadOnlyList<Examined> examined, string material, string view) =>
        examined.Where(answer => answer.Material == material && answer.View == view).GroupBy(answer => (answer.Kind, Open: answer.Form == "open"))
            .OrderBy(group => group.Key.Open).ThenBy(group => group.Key.Kind)
            .Select(group => Figure($"{view}, {group.Key.Kind}{(group.Key.Open ? ", open" : "")}", group));

    private static IEnumerable<Examined> Letters(IReadOnlyList<Examined> examined, string material, string view) =>
        examined.Where(answer => answer.Material == material && answer.View == view && answer.Form != "open");

    /// <summary>Who always says the letter that is right most often.</summary>
    private static IEnumerable<Examined> Prior(Material material)
    {
        var letter = material.Asked.GroupBy(question => question.Gold).MaxBy(group => group.Count())!.Key;
        return material.Asked.Select(question => new Examined(
            material.Name, "prior", "", question.Question.Kind, question.Question.Video.Name, question.Gold == letter));
    }

    private static CheckFigure Figure(string name, IEnumerable<Examined> answers, double? least = null, double? most = null)
    {
        Observation[] observations = [.. answers.Select(answer => new Observation(answer.Video, answer.Right ? 1 : 0))];
        return new CheckFigure(name, ClusterBootstrap.Mean(observations, Seed, 0, 1), observations.Length, observations.Select(o => o.Video).Distinct().Count(), least, most);
    }
}
