using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>
/// A client of the management API that lives through kills of the host: it asks again until somebody answers, and knows when it may have been
/// heard without an answer.
/// </summary>
internal sealed class Steering(HttpClient http, CancellationToken end)
{
    private readonly ConcurrentDictionary<string, string> waiting = [];

    /// <summary>How often an event may have reached the engine: 1, and more where an answer was lost.</summary>
    public ConcurrentDictionary<(string Id, string Event), int> Raised { get; } = [];

    /// <summary>Requests that nobody has answered yet.</summary>
    public IEnumerable<string> Waiting => waiting.Select(one => $"{one.Key} ({one.Value})");

    /// <summary>Looks whether the instance is there before it starts it a second time: it may even have ended by then.</summary>
    public async Task StartAsync(string orchestrator, string id, object? input = null)
    {
        var (status, _, body) = await SendAsync(HttpMethod.Post, $"orchestrators/{orchestrator}/{id}", input, IsThereAsync);
        Expect(status == HttpStatusCode.Accepted, $"start {id}", status, body);

        async Task<bool> IsThereAsync() => (await SendAsync(HttpMethod.Get, $"instances/{id}", null)).Status != HttpStatusCode.NotFound;
    }

    public async Task RaiseAsync(string id, string name, object payload)
    {
        var (status, heard, body) = await SendAsync(HttpMethod.Post, $"instances/{id}/raiseEvent/{name}", payload);
        Raised[(id, name)] = heard;
        Expect(status == HttpStatusCode.Accepted || (status == HttpStatusCode.Gone && heard > 1), $"raise {name} for {id}", status, body);
    }

    /// <param name="verb">terminate, suspend, resume.</param>
    public async Task ControlAsync(string id, string verb, string reason)
    {
        var (status, heard, body) = await SendAsync(HttpMethod.Post, $"instances/{id}/{verb}?reason={reason}", null);
        Expect(status == HttpStatusCode.Accepted || (status == HttpStatusCode.Gone && heard > 1), $"{verb} {id}", status, body);
    }

    /// <summary>The same name and input again, under the same id.</summary>
    public async Task RestartAsync(string id)
    {
        var (status, heard, body) = await SendAsync(HttpMethod.Post, $"instances/{id}/restart?restartWithNewInstanceId=false", null);
        Expect(status == HttpStatusCode.Accepted || (status == HttpStatusCode.Conflict && heard > 1), $"restart {id}", status, body);
    }

    /// <summary>A second one, of an instance that goes on already, is refused.</summary>
    public async Task RewindAsync(string id)
    {
        var (status, heard, body) = await SendAsync(HttpMethod.Post, $"instances/{id}/rewind?reason=open", null);
        var again = status is HttpStatusCode.Gone or HttpStatusCode.BadRequest && heard > 1;
        Expect(status == HttpStatusCode.Accepted || again, $"rewind {id}", status, body);
    }

    public async Task PurgeAsync(string id)
    {
        var (status, heard, body) = await SendAsync(HttpMethod.Delete, $"instances/{id}", null);
        Expect(status == HttpStatusCode.OK || (status == HttpStatusCode.NotFound && heard > 1), $"purge {id}", status, body);
    }

    /// <summary>All instances there are.</summary>
    public async Task<JsonElement> ListAsync()
    {
        var (status, _, body) = await SendAsync(HttpMethod.Get, "instances?top=100000&showInput=false", null);
        Expect(status == HttpStatusCode.OK, "list the instances", status, body);
        return JsonElement.Parse(body);
    }

    private async Task<(HttpStatusCode Status, int Heard, string Body)> SendAsync(HttpMethod method, string path, object? json,
        Func<Task<bool>>? wasHeard = null)
    {
        waiting[path] = "sent";
        for (var heard = 1; ;)
            try
            {
                if (heard > 1 && wasHeard is not null && await wasHeard()) return (HttpStatusCode.Accepted, heard, "");
                using var request = new HttpRequestMessage(method, $"runtime/webhooks/durabletask/{path}");
                // Always a body, if an empty one: a request without one is sent again by the handler itself when its connection breaks.
                if (json is not null) request.Content = new StringContent(JsonSerializer.Serialize(json), Encoding.UTF8, "application/json");
                else if (method != HttpMethod.Get) request.Content = new ByteArrayContent([]);
                using var response = await http.SendAsync(request, end);
                var body = await response.Content.ReadAsStringAsync(end);
                waiting.TryRemove(path, out _);
                return (response.StatusCode, heard, body);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
            {
                waiting[path] = e.Message;
                if (e is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }) heard++;
                await Task.Delay(50, end);
            }
    }

    private static void Expect(bool asExpected, string what, HttpStatusCode status, string body) =>
        Assert.True(asExpected, $"An attempt to {what} was answered {(int)status}: {body}");
}
