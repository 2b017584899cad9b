using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// POST /runtime/webhooks/blobs?functionName=Host.Functions.{name}: what an Event Grid subscription calls. It answers the validation
/// handshake, and says 202 to BlobCreated events once they are in the queue.
/// </summary>
internal sealed class BlobWebhook(IReadOnlyList<BlobFunction> functions, BlobInbox inbox, FunctionKeys keys)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/runtime/webhooks/blobs", async http => await (await ReceiveAsync(http)).ExecuteAsync(http));

    private async Task<IResult> ReceiveAsync(HttpContext http)
    {
        if (!keys.AllowsWebhook(http, "blobs_extension"))
            return Results.Unauthorized();
        var name = http.Request.Query["functionName"].ToString();
        var function = functions.FirstOrDefault(f => string.Equals(f.Function.HostName, name, StringComparison.OrdinalIgnoreCase));
        if (function is null)
            return Results.Problem($"There is no blob function '{name}'; the query functionName is Host.Functions.{{name}}.", statusCode: 404);
        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            foreach (var item in body.RootElement.EnumerateArray())
                switch (item.GetProperty("eventType").GetString())
                {
                    case "Microsoft.EventGrid.SubscriptionValidationEvent":
                        return Results.Ok(new { validationResponse = item.GetProperty("data").GetProperty("validationCode").GetString() });
                    case "Microsoft.Storage.BlobCreated":
                        await inbox.AcceptAsync(function, Parse(item), http.RequestAborted);
                        break;
                }
            return Results.Accepted();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return Results.Problem($"The body is not an array of Event Grid events: {e.Message}", statusCode: 400);
        }
    }

    /// <summary>The subject is `/blobServices/default/containers/{container}/blobs/{name}`, not escaped.</summary>
    private static BlobEvent Parse(JsonElement item)
    {
        var subject = item.GetProperty("subject").GetString() ?? "";
        const string containers = "/containers/", blobs = "/blobs/";
        var start = subject.IndexOf(containers, StringComparison.Ordinal);
        var middle = start < 0 ? -1 : subject.IndexOf(blobs, start, StringComparison.Ordinal);
        if (middle < 0)
            throw new FormatException($"the subject '{subject}' names no container and blob.");
        var data = item.GetProperty("data");
        return new BlobEvent(
            subject[(start + containers.Length)..middle],
            subject[(middle + blobs.Length)..],
            data.TryGetProperty("eTag", out var etag) ? etag.GetString()?.Trim('"') ?? "" : "",
            data.TryGetProperty("blobType", out var type) ? type.GetString() ?? "BlockBlob" : "BlockBlob");
    }
}
