using System.Globalization;
using System.Text;
using System.Text.Json;
using Tpo.Shared;

namespace Tpo.GpuJob.Sft;

/// <summary>A run's curve as it is shipped beside the weights: a table of every hundred steps, and a picture of it.</summary>
public static class CurveFile
{
    private const int Every = 100;
    private const double Width = 900, Height = 420, Left = 50, Right = 150, Top = 20, Bottom = 40;
    private static readonly string[] Colours = ["#0b6e99", "#c4554d", "#4d8f4d", "#8a5cb8", "#b8860b", "#555555"];

    /// <summary>Reads `curve.jsonl`; of a step that a stopped run repeated, the last line counts.</summary>
    public static IReadOnlyList<SftPoint> Read(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<SftPoint>(line, TpoJson.Options)!)
            .GroupBy(point => point.Step).Select(group => group.Last()).OrderBy(point => point.Step)];

    /// <summary>Mean loss by view over each hundred steps, and where it was measured the share of held-out questions answered exactly.</summary>
    public static string Table(IReadOnlyList<SftPoint> points)
    {
        var views = Enum.GetValues<SampleView>();
        string[] scored = [.. points.SelectMany(point => point.Scores ?? []).Select(Column).Distinct()];
        var table = new StringBuilder($"step,learning_rate,{string.Join(',', views.Select(view => $"loss_{view}".ToLowerInvariant()))},{string.Join(',', scored.Select(name => $"{name}_exact_%"))}\n");
        foreach (var some in points.GroupBy(point => (point.Step + Every - 1) / Every * Every))
        {
            var losses = some.SelectMany(point => point.Views.Zip(point.Losses)).ToLookup(half => half.First, half => half.Second);
            var scores = some.Last().Scores?.ToLookup(Column);
            table.Append(CultureInfo.InvariantCulture, $"{some.Key},{some.Last().LearningRate:0.00e+00}")
                .Append(string.Concat(views.Select(view => losses[view].Any() ? $",{F(losses[view].Average(), 3)}" : ",")))
                .Append(string.Concat(scored.Select(name => scores?[name].Any() == true ? $",{F(Share(scores[name]), 1)}" : ","))).Append('\n');
        }
        return table.ToString();
    }

    /// <summary>The measured shares over the steps, as an SVG picture.</summary>
    public static string Picture(IReadOnlyList<SftPoint> points)
    {
        var measured = points.Where(point => point.Scores is not null).ToList();
        double last = Math.Max(1, points[^1].Step);
        string X(double step) => F(Left + (Width - Left - Right) * step / last, 1);
        string Y(double share) => F(Top + (Height - Top - Bottom) * (1 - share / 100), 1);
        var picture = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>\n"));
        foreach (var share in new[] { 0, 25, 50, 75, 100 })
            picture.Append($"<line x1=\"{X(0)}\" x2=\"{X(last)}\" y1=\"{Y(share)}\" y2=\"{Y(share)}\" stroke=\"#ddd\"/><text x=\"8\" y=\"{Y(share - 1)}\">{share} %</text>\n");
        foreach (var (i, name) in measured.SelectMany(point => point.Scores!).Select(Column).Distinct().Index())
        {
            var line = measured.Select(point => (point.Step, Scores: point.Scores!.Where(score => Column(score) == name).ToList())).Where(point => point.Scores.Count > 0);
            picture.Append($"<polyline fill=\"none\" stroke-width=\"2\" stroke=\"{Colours[i % Colours.Length]}\" points=\"{string.Join(' ', line.Select(point => $"{X(point.Step)},{Y(Share(point.Scores))}"))}\"/>")
                .Append($"<text x=\"{F(Width - Right + 10, 0)}\" y=\"{F(Top + 10 + 18 * i, 0)}\" fill=\"{Colours[i % Colours.Length]}\">{name}</text>\n");
        }
        return picture.Append($"<text x=\"{X(last)}\" y=\"{F(Height - 12, 0)}\" text-anchor=\"end\">{last:0} steps; held-out questions answered exactly</text></svg>\n").ToString();
    }

    private static string Column(HeldOutScore score) => score.Kind.EndsWith("-letter", StringComparison.Ordinal) ? $"{score.View}_letters" : score.View;

    private static double Share(IEnumerable<HeldOutScore> scores) => 100.0 * scores.Sum(score => score.Right) / scores.Sum(score => score.Asked);

    private static string F(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
