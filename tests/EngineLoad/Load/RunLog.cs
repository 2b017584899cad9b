using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>
/// Writes a line into a file for each run of an activity (setting `Load:RunsFile`), so that runs can be counted over the lives of many
/// processes: instance, activity, and a digest of the input.
/// </summary>
public sealed class RunLog(IConfiguration settings)
{
    private readonly Lock sync = new();
    private readonly string? file = settings["Load:RunsFile"];

    public void Add(string instanceId, string activity, string input)
    {
        if (file is null) return;
        lock (sync) File.AppendAllText(file, $"{instanceId}\t{activity}\t{Digest(input)}\n");
    }

    public static string Digest(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 8);
}
