using System.Globalization;

namespace Tpo.Cli.Benches;

/// <summary>How repeated measurements are summed up.</summary>
internal static class Samples
{
    public static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Median, then lowest and highest.</summary>
    public static string Spread(IEnumerable<double> numbers, string format = "F2")
    {
        string Text(double number) => number.ToString(format, CultureInfo.InvariantCulture);
        double[] all = [.. numbers];
        return $"{Text(Median(all))} ({Text(all.Min())} to {Text(all.Max())})";
    }
}
