using System.Text;
using System.Text.RegularExpressions;
using Azure.Core;

namespace Tpo.Tests.EngineLoad.Faults;

/// <summary>What a storage request is to the engine, as far as it can be seen from outside: by verb, address and the lines it appends.</summary>
public static partial class RequestKinds
{
    public static IReadOnlySet<string> Of(Request request)
    {
        var query = request.Uri.Query;
        var blob = request.Uri.Path.Split('/')[^1];
        if (query.Contains("comp=appendblock")) return OfLines(Body(request));
        if (query.Contains("comp=lease"))
            return new HashSet<string> { $"lease-{(request.Headers.TryGetValue("x-ms-lease-action", out var action) ? action : "")}" };
        var verb = request.Method.Method switch { "PUT" => "create", "DELETE" => "delete", "GET" => "read", _ => "" };
        if (request.Uri.Path.Contains("/messages")) return new HashSet<string> { $"{(verb is "" or "create" ? "change" : verb)}-queue-message" };
        return verb.Length > 0 && BlobFamily().Match(blob) is { Success: true } family
            ? new HashSet<string> { $"{verb}-{family.Value.TrimEnd('-')}" }
            : new HashSet<string>();
    }

    /// <summary>
    /// The record of each line, with what it tells (message-completed, episode-again); `large` where a record takes several blocks, `group`
    /// where several records share one.
    /// </summary>
    private static HashSet<string> OfLines(string body)
    {
        var kinds = new HashSet<string>();
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > 1) kinds.Add("group");
        foreach (var line in lines)
        {
            if (line[8] == '+') kinds.Add("large");
            if (!Record().Match(line, 9, Math.Min(60, line.Length - 9)).Groups["name"].TryGetValue(out var record)) continue;
            kinds.Add(record);
            if (record == "message" && Told().Match(line) is { Success: true } told) kinds.Add($"message-{told.Groups["name"]}");
            if (record == "episode" && Ended().Match(line) is { Success: true } ended) kinds.Add($"episode-{ended.Groups["name"]}");
        }
        return kinds;
    }

    private static bool TryGetValue(this Group group, out string value)
    {
        value = group.Value;
        return group.Success;
    }

    private static string Body(Request request)
    {
        var body = new MemoryStream();
        request.Content?.WriteTo(body, CancellationToken.None);
        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }

    [GeneratedRegex("""^(segment-|history-|owner$)""")]
    private static partial Regex BlobFamily();

    [GeneratedRegex("""^\{"record":"(?<name>\w+)""")]
    private static partial Regex Record();

    [GeneratedRegex(@"""is"":""(?<name>\w+)")]
    private static partial Regex Told();

    [GeneratedRegex(@"""end"":""(?<name>\w+)")]
    private static partial Regex Ended();
}
