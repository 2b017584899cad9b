using System.Diagnostics;
using System.Globalization;

namespace Tpo.Cli.Benches;

/// <summary>Prints a finding as a row of docs/figures.md: what, value, command, date and commit.</summary>
internal static class TableRow
{
    private static readonly Lazy<string> Commit = new(ReadCommit);

    public static void Print(string what, string value, string command) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {value} | `{command}` | {DateTime.UtcNow:yyyy-MM-dd}, {Commit.Value} |"));

    private static string ReadCommit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Surroundings.Root, "describe", "--always", "--dirty", "--exclude=*"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        });
        return git?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } commit ? commit : "commit unknown";
    }
}
