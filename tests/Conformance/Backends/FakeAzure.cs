using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Backends;

/// <summary>One request as the server saw it.</summary>
internal sealed record AzureRequest(string Method, string Path, JsonObject? Body);

/// <summary>How the server answers instead of doing what it is asked.</summary>
internal delegate Task AzureFault(HttpContext context);

/// <summary>
/// What trainings use of Azure, on a real TLS socket: Azure Resource Manager with the jobs of one workspace (2024-04-01) and one Container Apps
/// job (2024-03-01), and the endpoint where a managed identity gets its token. It stands for a service that cannot be had, and fails as that one does.
/// </summary>
internal sealed partial class FakeAzure : IAsyncDisposable
{
    public const string Token = "token-of-the-test", IdentityHeader = "header-of-the-test";
    private const string Group = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg";
    public const string Workspace = $"{Group}/providers/Microsoft.MachineLearningServices/workspaces/learning";
    public const string AppsJob = $"{Group}/providers/Microsoft.App/jobs/trainer";

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;
    private readonly ConcurrentQueue<AzureRequest> _requests = new();
    private readonly ConcurrentQueue<(Func<AzureRequest, bool> When, AzureFault Fault)> _faults = new();

    private FakeAzure(WebApplication app, X509Certificate2 certificate) => (_app, _certificate) = (app, certificate);

    public IReadOnlyList<AzureRequest> Requests => [.. _requests];
    public string Address => _app.Urls.First(url => url.StartsWith("https", StringComparison.Ordinal));
    public string TokenAddress => $"{_app.Urls.First(url => !url.StartsWith("https", StringComparison.Ordinal))}/msi/token";
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>Trusts this server's certificate and no other.</summary>
    public HttpMessageHandler TrustingHandler() => new HttpClientHandler
    {
        ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Thumbprint == _certificate.Thumbprint,
    };

    public int Count(string method, string end) => Requests.Count(request => request.Method == method && request.Path.EndsWith(end, StringComparison.Ordinal));

    /// <summary>The next so many requests of that method are answered so.</summary>
    public void Fail(string method, AzureFault fault, int times = 1)
    {
        for (var i = 0; i < times; i++)
            _faults.Enqueue((request => request.Method == method, fault));
    }

    public static AzureFault Error(int status, string code, string message, params (string Name, string Value)[] headers) => context =>
    {
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        return AnswerAsync(context, status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });
    };

    public static AzureFault Raw(int status, string text) => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text);
    };

    public static async Task<FakeAzure> StartAsync()
    {
        var certificate = SelfSigned();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var azure = new FakeAzure(builder.Build(), certificate);
        azure._app.Run(azure.ServeAsync);
        await azure._app.StartAsync();
        return azure;
    }

    private async Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (path == "/msi/token")
        {
            await GiveTokenAsync(context);
            return;
        }
        var body = context.Request.ContentLength > 0 ? (JsonObject?)await JsonNode.ParseAsync(context.Request.Body) : null;
        var request = new AzureRequest(context.Request.Method, path, body);
        _requests.Enqueue(request);
        if (_faults.TryPeek(out var fault) && fault.When(request) && _faults.TryDequeue(out fault))
            await fault.Fault(context);
        else if (context.Request.Headers.Authorization != $"Bearer {Token}")
            await Error(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")(context);
        else if (path.StartsWith($"{Workspace}/jobs/", StringComparison.Ordinal))
            await ServeWorkspaceAsync(context, request, path[$"{Workspace}/jobs/".Length..]);
        else if (path == AppsJob || path.StartsWith($"{AppsJob}/", StringComparison.Ordinal))
            await ServeAppsAsync(context, request, path[AppsJob.Length..]);
        else
            await Error(404, "ResourceNotFound", $"The Resource '{string.Join('/', path.Split('/')[6..9])}' under resource group 'rg' was not found.")(context);
    }

    /// <summary>As App Service gives it to an app with a managed identity (api-version 2019-08-01).</summary>
    private static Task GiveTokenAsync(HttpContext context) => context.Request.Headers["X-IDENTITY-HEADER"] == IdentityHeader && context.Request.Query.ContainsKey("resource")
        ? AnswerAsync(context, 200, new JsonObject
        {
            ["access_token"] = Token, ["token_type"] = "Bearer", ["resource"] = $"{context.Request.Query["resource"]}",
            ["expires_on"] = $"{DateTimeOffset.UtcNow.AddHours(4).ToUnixTimeSeconds()}",
        })
        : AnswerAsync(context, 401, new JsonObject());

    private static Task WrongVersionAsync(HttpContext context) =>
        Error(400, "InvalidApiVersionParameter", $"The api-version '{context.Request.Query["api-version"]}' is invalid.")(context);

    private static Task AnswerAsync(HttpContext context, int status, JsonNode body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }
}
