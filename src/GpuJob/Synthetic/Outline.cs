namespace Tpo.GpuJob.Synthetic;

/// <summary>
/// Signed distances to the six shapes' outlines, negative inside. All are of radius 1 around the origin, y pointing down;
/// the picture is anti-aliased by clamping distance × pixels.
/// </summary>
internal static class Outline
{
    private static readonly (double X, double Y)[] Triangle = Polygon(3, 1, 1);
    private static readonly (double X, double Y)[] Star = Polygon(10, 1, 0.42);

    private static readonly (double X, double Y)[] Cross =
    [
        (-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3), (0.3, 1), (-0.3, 1), (-0.3, 0.3), (-1, 0.3), (-1, -0.3), (-0.3, -0.3),
    ];

    public static double Distance(string shape, double x, double y) => shape switch
    {
        "circle" => Math.Sqrt(x * x + y * y) - 0.92,
        "ring" => Math.Abs(Math.Sqrt(x * x + y * y) - 0.72) - 0.25,
        "square" => Math.Max(Math.Abs(x), Math.Abs(y)) - 0.82,
        "triangle" => ToPolygon(Triangle, x, y),
        "star" => ToPolygon(Star, x, y),
        "cross" => ToPolygon(Cross, x, y),
        _ => throw new ArgumentException($"The world has no shape '{shape}'.", nameof(shape)),
    };

    /// <summary>Corners around the origin from the top, clockwise, alternately at the outer and the inner radius.</summary>
    private static (double X, double Y)[] Polygon(int corners, double outer, double inner) =>
        [.. Enumerable.Range(0, corners).Select(i =>
        {
            var (sin, cos) = Math.SinCos(i * Math.Tau / corners);
            var radius = i % 2 == 0 || corners == 3 ? outer : inner;
            return (radius * sin, -radius * cos);
        })];

    /// <summary>Distance to the nearest edge, its sign by counting the edges that a ray to the right crosses.</summary>
    private static double ToPolygon((double X, double Y)[] corners, double x, double y)
    {
        var nearest = double.MaxValue;
        var inside = false;
        for (int i = 0, j = corners.Length - 1; i < corners.Length; j = i++)
        {
            var (ax, ay) = corners[j];
            var (bx, by) = corners[i];
            double ex = bx - ax, ey = by - ay, wx = x - ax, wy = y - ay;
            var along = Math.Clamp((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1);
            double dx = wx - ex * along, dy = wy - ey * along;
            nearest = Math.Min(nearest, dx * dx + dy * dy);
            if (ay > y != by > y && x < ax + ex * (y - ay) / ey)
                inside = !inside;
        }
        return inside ? -Math.Sqrt(nearest) : Math.Sqrt(nearest);
    }
}
