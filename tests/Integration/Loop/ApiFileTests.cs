using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tpo.Tests.Integration.Loop;

/// <summary>`docs/api.http` is living documentation: it runs top to bottom, and openapi.json knows every request in it.</summary>
[Collection(DemoCollection.Name)]
public sealed partial class ApiFileTests(DemoRun demo)
{
    private static readonly IReadOnlyDictionary<string, HttpStatusCode> Unusual = new Dictionary<string, HttpStatusCode>
    {
        ["A wrong request"] = HttpStatusCode.BadRequest,
        ["Train"] = HttpStatusCode.Accepted,
        ["Compare two models"] = HttpStatusCode.Accepted,
        ["Several suites by one request"] = HttpStatusCode.Accepted,
    };

    [Fact]
    public async Task It_runs_top_to_bottom_and_openapi_knows_every_request()
    {
        var paths = (await demo.House.GetAsync<JsonElement>("/api/openapi.json")).GetProperty("paths");
        var locations = new Dictionary<string, string>();
        var bodies = new Dictionary<string, JsonElement>();
        var requests = Requests(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/api.http"))).ToList();
        Assert.True(requests.Count >= 12);
        foreach (var request in requests)
        {
            var path = LocationOf().Replace(request.Path, match => locations[match.Groups[1].Value]);
            path = FieldOf().Replace(path, match => bodies[match.Groups[1].Value].GetProperty(match.Groups[2].Value).GetString()!);
            using var message = new HttpRequestMessage(request.Method, path);
            if (request.Body.Length > 0)
                message.Content = new StringContent(request.Body, Encoding.UTF8, "application/json");
            foreach (var (name, value) in request.Headers.Where(header => header.Name != "Content-Type"))
                message.Headers.Add(name, value);

            using var response = await demo.House.Http.SendAsync(message);

            var expected = Unusual.FirstOrDefault(unusual => request.Title.StartsWith(unusual.Key, StringComparison.Ordinal)).Value;
            Assert.True(response.StatusCode == (expected == default ? HttpStatusCode.OK : expected), $"{request.Title}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            if (request.Name is { } asked)
            {
                bodies[asked] = await response.Content.ReadFromJsonAsync<JsonElement>();
                if (response.Headers.Location is { } location)
                    locations[asked] = location.OriginalString;
            }
            Assert.True(Knows(paths, request.Method, path), $"openapi.json lacks {request.Method} {path}");
        }
    }

    private static bool Knows(JsonElement paths, HttpMethod method, string path) =>
        paths.EnumerateObject().Any(known =>
            Regex.IsMatch(path.Split('?')[0], $"^{Regex.Replace(Regex.Escape(known.Name), @"\\\{\w+}", "[^/]+")}$")
            && known.Value.TryGetProperty(method.Method.ToLowerInvariant(), out _));

    private static IEnumerable<Request> Requests(string file)
    {
        var variables = Variable().Matches(file).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        foreach (var part in file.Split("\n### ").Skip(1))
        {
            var text = variables.Where(variable => variable.Key != "app").Aggregate(part.Replace("{{app}}", ""), (all, variable) => all.Replace($"{{{{{variable.Key}}}}}", variable.Value));
            var head = text.Split("\n\n", 2);
            var lines = head[0].Split('\n');
            var start = Array.FindIndex(lines, 1, line => !line.StartsWith('#'));
            yield return new Request(
                lines[0], lines.FirstOrDefault(line => line.StartsWith("# @name ", StringComparison.Ordinal))?["# @name ".Length..],
                new HttpMethod(lines[start].Split(' ')[0]), lines[start].Split(' ', 2)[1].Trim(),
                [.. lines[(start + 1)..].Where(line => line.Contains(": ")).Select(line => (line.Split(": ", 2)[0], line.Split(": ", 2)[1]))],
                head.Length > 1 ? head[1].Trim() : "");
        }
    }

    private sealed record Request(string Title, string? Name, HttpMethod Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, string Body);

    [GeneratedRegex(@"^@(\w+) = (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{(\w+)\.response\.headers\.Location\}\}")]
    private static partial Regex LocationOf();

    [GeneratedRegex(@"\{\{(\w+)\.response\.body\.\$\.(\w+)\}\}")]
    private static partial Regex FieldOf();
}
