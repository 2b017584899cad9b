using System.Globalization;
using Tpo.Shared.Benchmarks;

namespace Tpo.Shared.Reporting;

/// <summary>The paired difference as a picture: zero, the gate's margin, the interval and its middle, in points.</summary>
internal static class DifferencePicture
{
    private const double Width = 640;
    private const double Edge = 40;

    public static string Svg(Difference difference, double margin)
    {
        var reach = 1.15 * Math.Max(0.01, Math.Max(margin, Math.Max(Math.Abs(difference.Low), Math.Abs(difference.High))));
        return $"""
            <svg viewBox="0 0 640 96" role="img" aria-label="paired difference with its 95 % interval">
            <rect x="{X(-margin)}" y="16" width="{F(Place(0) - Place(-margin))}" height="44" class="margin"/>
            <line x1="{X(0)}" y1="10" x2="{X(0)}" y2="66" class="zero"/>
            <line x1="{X(difference.Low)}" y1="38" x2="{X(difference.High)}" y2="38" class="interval"/>
            <circle cx="{X(difference.Mean)}" cy="38" r="6" class="mean"/>
            <text x="{X(0)}" y="84" text-anchor="middle">0</text>
            <text x="{F(Edge)}" y="84">{F(-100 * reach)} points</text><text x="{F(Width - Edge)}" y="84" text-anchor="end">+{F(100 * reach)} points</text>
            </svg>
            """;

        double Place(double share) => Width / 2 + share / reach * (Width / 2 - Edge);
        string X(double share) => F(Place(share));
    }

    private static string F(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
