using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Replaces `%Name%` by the setting of that name (`Section:Name` for nested ones).</summary>
internal static partial class SettingText
{
    /// <param name="owner">Who needs it, for the error sentence: `the schedule of function 'Nightly'`.</param>
    public static string Expand(string text, IConfiguration settings, string owner) =>
        Names().Replace(text, match => settings[match.Groups[1].Value]
            ?? throw new StartupException($"The setting '{match.Groups[1].Value}' is missing; {owner} needs it."));

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Names();
}
