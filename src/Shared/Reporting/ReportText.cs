using System.Globalization;
using System.Net;

namespace Tpo.Shared.Reporting;

/// <summary>How the report writes figures and what came out of files and models: points with one decimal, everything encoded.</summary>
internal static class ReportText
{
    public static string Points(double share) => Number(100 * share, "F1");

    public static string Signed(double share) => (share > 0 ? "+" : "") + Points(share);

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A cell with a number.</summary>
    public static string N(string shown) => $"""<td class="n">{shown}</td>""";

    /// <summary>A cell whose number can be read unrounded.</summary>
    public static string Figure(string id, double value, string shown) =>
        $"""<td class="n" id="{id}" data-value="{value.ToString("R", CultureInfo.InvariantCulture)}">{shown}</td>""";

    public static string Section<T>(string title, string look, IReadOnlyList<T> rows, string head, Func<T, string> row, string before = "") => rows.Count == 0 ? ""
        : $"<h2>{title}</h2>{before}<div class=\"wide\"><table class=\"{look}\"><thead><tr>{head}</tr></thead><tbody>{string.Concat(rows.Select(row))}</tbody></table></div>";
}
