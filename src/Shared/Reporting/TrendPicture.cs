using System.Globalization;

namespace Tpo.Shared.Reporting;

/// <summary>Paired differences over nights: a point and its interval each, oldest left, zero dashed; the colour is the gate's word.</summary>
internal static class TrendPicture
{
    private const double Width = 640, Height = 200, Left = 84, Edge = 20, Foot = 36;

    public static string Svg(IReadOnlyList<NightPoint> nights)
    {
        var most = 1.1 * Math.Max(0.01, nights.Max(night => Math.Max(Math.Abs(night.Difference.Low), Math.Abs(night.Difference.High))));
        return $"""
            <svg viewBox="0 0 640 200" role="img" aria-label="paired differences over time with their 95 % intervals">
            <line x1="{F(Left)}" y1="{F(Y(0))}" x2="{F(Width - Edge)}" y2="{F(Y(0))}" class="zero"/>
            <text x="{F(Left - 8)}" y="{F(Y(0) + 5)}" text-anchor="end">0</text><text x="{F(Left - 8)}" y="{F(Edge + 5)}" text-anchor="end">+{F(100 * most)}</text><text x="{F(Left - 8)}" y="{F(Height - Foot + 5)}" text-anchor="end">{F(-100 * most)}</text>
            {string.Concat(nights.Select(Point))}
            <text x="{F(Left)}" y="{F(Height - 2)}">{nights[0].At:yyyy-MM-dd}</text><text x="{F(Width - Edge)}" y="{F(Height - 2)}" text-anchor="end">{nights[^1].At:yyyy-MM-dd}</text>
            </svg>
            """;

        string Point(NightPoint night, int index)
        {
            var x = nights.Count == 1 ? (Left + Width - Edge) / 2 : Left + 12 + index * (Width - Edge - Left - 24) / (nights.Count - 1);
            return $"""<g class="night {night.Gate}"><line x1="{F(x)}" y1="{F(Y(night.Difference.Low))}" x2="{F(x)}" y2="{F(Y(night.Difference.High))}"/><circle cx="{F(x)}" cy="{F(Y(night.Difference.Mean))}" r="5"/></g>""";
        }

        double Y(double share) => (Edge + Height - Foot) / 2 - share / most * (Height - Foot - Edge) / 2;
    }

    private static string F(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
