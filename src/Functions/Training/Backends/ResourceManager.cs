using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Tpo.Shared;

namespace Tpo.Functions.Training.Backends;

/// <summary>An answer of Azure Resource Manager.</summary>
/// <param name="Body">null = there was none, or it was no JSON object</param>
internal sealed record ArmAnswer(int Status, JsonObject? Body);

/// <summary>How requests to Azure Resource Manager are sent; tests set a transport that trusts their server, and shorter waits.</summary>
public sealed class ResourceManagerOptions : ClientOptions
{
    public ResourceManagerOptions()
    {
        Retry.MaxRetries = 4;
        Retry.MaxDelay = TimeSpan.FromSeconds(30);
        Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
    }
}

/// <summary>
/// Azure Resource Manager over Azure.Core's own pipeline: it signs in, tries passing faults again after as long as `Retry-After` says, and
/// sends ids that make a repeated request recognisable. Everything that is not done becomes a <see cref="BackendException"/> with a sentence.
/// </summary>
public sealed class ResourceManager(TpoSettings settings, TokenCredential credential, ResourceManagerOptions options)
{
    private readonly string _address = settings.ResourceManager.TrimEnd('/');

    private readonly HttpPipeline _pipeline = HttpPipelineBuilder.Build(
        options, [], [new BearerTokenAuthenticationPolicy(credential, $"{settings.ResourceManager.TrimEnd('/')}/.default")], new ResponseClassifier());

    /// <param name="path">a resource id and what follows it, or a whole address that the service itself gave (`nextLink`)</param>
    /// <param name="expected">statuses of the caller's concern, beside 200 to 299</param>
    /// <exception cref="BackendException">another status, no connection, or no token</exception>
    internal async Task<ArmAnswer> SendAsync(
        RequestMethod method, string path, string apiVersion, JsonObject? body, CancellationToken cancellation, params IReadOnlyCollection<int> expected)
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(AddressOf(path, apiVersion));
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(BinaryData.FromString(body.ToJsonString()));
        }
        var what = $"{method} {path}";
        try
        {
            await _pipeline.SendAsync(message, cancellation);
        }
        catch (AuthenticationFailedException e)
        {
            throw new BackendException($"There is no token for {_address}: {FirstLine(e.Message)} Give the app a managed identity, or sign in (az login).", isPassing: true, e);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new BackendException($"{_address} could not be reached for {what}: {FirstLine((e as AggregateException)?.InnerExceptions[^1].Message ?? e.Message)}", isPassing: true, e);
        }
        var answer = new ArmAnswer(message.Response.Status, Parse(message.Response.Content));
        if (answer.Status is >= 200 and < 300 || expected.Contains(answer.Status))
            return answer;
        throw Refusal(what, answer, message.Response.ReasonPhrase);
    }

    /// <summary>A link that leads to another host would be handed this app's token.</summary>
    private Uri AddressOf(string path, string apiVersion)
    {
        if (path.StartsWith('/'))
            return new Uri($"{_address}{path}{(path.Contains('?') ? '&' : '?')}api-version={apiVersion}");
        if (Uri.TryCreate(path, UriKind.Absolute, out var link) && link.Authority == new Uri(_address).Authority && link.Scheme == Uri.UriSchemeHttps)
            return link;
        throw new BackendException($"The service gave a link to '{link?.Authority ?? path}', which is not {_address} (Tpo__ResourceManager): it is not followed.");
    }

    private static BackendException Refusal(string what, ArmAnswer answer, string reason)
    {
        var error = answer.Body?["error"] as JsonObject;
        var code = error?["code"] is JsonValue given && given.TryGetValue<string>(out var name) ? name : null;
        var text = error?["message"] is JsonValue said && said.TryGetValue<string>(out var words) ? FirstLine(words) : "It gave no reason.";
        var sentence = $"Azure answered {answer.Status} {reason}{(code is null ? "" : $" ({code})")} to {what}: {text}{Advice(answer.Status)}";
        return new BackendException(sentence, isPassing: answer.Status is 408 or 429 or >= 500) { Status = answer.Status, Code = code };
    }

    private static string Advice(int status) => status switch
    {
        401 => " Check the app's identity and its tenant.",
        403 => " Give the app's identity the role that infra/azure assigns to it.",
        404 => " Check the resource id in the settings.",
        _ => "",
    };

    private static JsonObject? Parse(BinaryData? content)
    {
        try
        {
            return content is null || content.ToMemory().IsEmpty ? null : JsonNode.Parse(content) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string FirstLine(string text)
    {
        var line = text.Split('\n')[0].Trim();
        return line.Length == 0 || line[^1] is '.' or '!' or '?' ? line : $"{line}.";
    }
}
