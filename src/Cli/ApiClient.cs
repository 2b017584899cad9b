using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared;

namespace Tpo.Cli;

/// <summary>The HTTP API as this tool uses it: JSON in, JSON out, problems as sentences.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    public ApiClient(Uri url, string? key)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(100) };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (key is not null)
            _http.DefaultRequestHeaders.Add("x-functions-key", key);
    }

    public static ApiClient FromSurroundings() => new(Surroundings.Url, Surroundings.Key);

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellation) =>
        await ReadAsync<T>(await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellation), path, cancellation);

    /// <summary>Null where the address answers 404: there is none, or not yet.</summary>
    public async Task<T?> TryGetAsync<T>(string path, CancellationToken cancellation) where T : class
    {
        var response = await AskAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellation);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync<T>(await SoundAsync(response, cancellation), path, cancellation);
    }

    public async Task<string> GetTextAsync(string path, CancellationToken cancellation) =>
        await (await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellation)).Content.ReadAsStringAsync(cancellation);

    /// <summary>Every item of a paged list.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string path, CancellationToken cancellation, string filter = "")
    {
        var all = new List<T>();
        for (string? after = "0"; after is not null;)
        {
            var page = await GetAsync<Page<T>>($"{path}?limit=500&after={after}{filter}", cancellation);
            all.AddRange(page.Items);
            after = page.Next;
        }
        return all;
    }

    /// <summary>Starts long work: the answer's Location is its status.</summary>
    public async Task<string> StartAsync<T>(string path, T body, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: TpoJson.Options) };
        var response = await SendAsync(request, cancellation);
        return response.Headers.Location?.OriginalString
            ?? throw new CliFailure($"POST {path} answered {(int)response.StatusCode} without a Location.");
    }

    /// <summary>Short work without a body, done when it answers.</summary>
    public async Task<T> PostAsync<T>(string path, CancellationToken cancellation) =>
        await ReadAsync<T>(await SendAsync(new HttpRequestMessage(HttpMethod.Post, path), cancellation), path, cancellation);

    public async Task DeleteAsync(string path, CancellationToken cancellation) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), cancellation);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        await SoundAsync(await AskAsync(request, cancellation), cancellation);

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new CliFailure($"The function app does not answer at {_http.BaseAddress} ({e.Message}); start it with ./tpo up");
        }
    }

    private static async Task<HttpResponseMessage> SoundAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
            return response;
        var request = response.RequestMessage!;
        throw new CliFailure($"{request.Method} {request.RequestUri?.PathAndQuery} answered {(int)response.StatusCode}: {await SentenceAsync(response, cancellation)}");
    }

    private static async Task<string> SentenceAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            var problem = JsonSerializer.Deserialize<Problem>(text, TpoJson.Options);
            return problem?.Detail ?? problem?.Title ?? text;
        }
        catch (JsonException)
        {
            return text.Length > 0 ? text : response.ReasonPhrase ?? "no reason";
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, string path, CancellationToken cancellation) =>
        await response.Content.ReadFromJsonAsync<T>(TpoJson.Options, cancellation)
        ?? throw new CliFailure($"GET {path} answered nothing.");

    public void Dispose() => _http.Dispose();

    private sealed record Page<T>(IReadOnlyList<T> Items, int Total, string? Next);

    private sealed record Problem(string? Title, string? Detail);
}
