using System.Text.RegularExpressions;

namespace Tpo.Shared.Benchmarks;

/// <summary>Scene changes of VidHalluc (`eval_sth.py`): whether there is one, and from where to where.</summary>
public static partial class VidHallucScenes
{
    private const string Mark = ", Locations: ";

    /// <summary>Similarities up to this count nothing; the script passes it, over its function's default of 0.3.</summary>
    private const double Low = 0.5;

    /// <summary>In small letters what stands behind the first ": " (of the part before the locations) up to a comma; "yes." is no yes.</summary>
    public static string Label(string answer)
    {
        var said = answer.Split(Mark)[0];
        return (said.Contains(": ", StringComparison.Ordinal) ? said.Split(": ", 2)[1] : said).Split(',')[0].ToLowerInvariant();
    }

    /// <summary>"from X to Y." → X and Y; without its full stop it names none.</summary>
    public static (string From, string To)? Locations(string text) =>
        FromTo().Match(text) is { Success: true } match ? (match.Groups[1].Value, match.Groups[2].Value) : null;

    internal static Reading Read(BenchmarkQuestion question, string answer)
    {
        var label = Label(answer);
        var right = (label == "yes") == (question.Gold == "Yes");
        return new Reading(label is "yes" or "no" ? answer : null, right ? 1 : 0);
    }

    /// <summary>0 up to a cosine of 0.5, then (σ(c) - σ(0.5)) / (σ(1) - σ(0.5)).</summary>
    public static double SceneScore(double cosine) => cosine <= Low ? 0 : (Sigmoid(cosine) - Sigmoid(Low)) / (Sigmoid(1) - Sigmoid(Low));

    /// <summary>
    /// MCC = (TP·TN - FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)), 0 where that is no number; classification = ((MCC + 1) / 2)²; description = mean of the two
    /// scene scores of videos of which both say yes, 0 where there is none; overall = 0.6 classification + 0.4 description.
    /// </summary>
    /// <param name="cosine">null = description and overall cannot be told</param>
    public static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored, Func<string, string, double>? cosine)
    {
        var answered = scored.Where(each => each.Reading is not null).Select(each => (
            Gold: each.Question.Gold == "Yes", Said: each.Reading!.Said is { } said && Label(said) == "yes", each.Question.Reference, Text: each.Reading.Said)).ToList();
        double Count(bool gold, bool said) => answered.Count(each => each.Gold == gold && each.Said == said);
        var (hit, miss, alarm, quiet) = (Count(true, true), Count(true, false), Count(false, true), Count(false, false));
        var root = Math.Sqrt((hit + alarm) * (hit + miss) * (quiet + alarm) * (quiet + miss));
        var mcc = root == 0 ? 0 : (hit * quiet - alarm * miss) / root;
        var classification = Math.Pow((mcc + 1) / 2, 2);
        const string why = "locations are compared by a sentence model, and there is none here";
        double? description = cosine is null ? null
            : Tally.Mean(answered.Where(each => each.Gold && each.Said).Select(each => Described(each.Text!, each.Reference!, cosine))) ?? 0;
        var none = answered.Count == 0 ? "no answer" : null;
        return
        [
            new("STH MCC, -1 to 1", none is null ? mcc : null, none), new("STH classification", none is null ? classification : null, none),
            new("STH description", none is null ? description : null, none ?? (cosine is null ? why : null)),
            new("STH overall", none is null ? 0.6 * classification + 0.4 * description : null, none ?? (cosine is null ? why : null)),
        ];
    }

    private static double Described(string answer, string gold, Func<string, string, double> cosine) =>
        answer.Contains(Mark, StringComparison.Ordinal) && Locations(answer.Split(Mark, 2)[1]) is var (from, to) && Locations(gold) is var (trueFrom, trueTo)
            ? (SceneScore(cosine(from, trueFrom)) + SceneScore(cosine(to, trueTo))) / 2 : 0;

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    [GeneratedRegex(@"^from (.+?) to (.+?)\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FromTo();
}
