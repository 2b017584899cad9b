using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Function keys, checked when the setting TPO_REQUIRE_KEYS is true: header `x-functions-key`, else query `code`.
/// `Host:Keys:master` opens everything, `Host:Keys:default` every function, `Host:Keys:{extension}` that extension's webhooks.
/// </summary>
internal sealed class FunctionKeys
{
    private readonly bool required;
    private readonly IReadOnlyDictionary<string, string> keys;

    public FunctionKeys(IConfiguration settings)
    {
        required = bool.TryParse(settings["TPO_REQUIRE_KEYS"], out var value) && value;
        keys = settings.GetSection("Host:Keys").GetChildren()
            .Where(k => !string.IsNullOrEmpty(k.Value))
            .ToDictionary(k => k.Key, k => k.Value!, StringComparer.OrdinalIgnoreCase);
        if (required && !keys.ContainsKey("master"))
            throw new StartupException("TPO_REQUIRE_KEYS is true, but there is no master key: set Host__Keys__master (and Host__Keys__default).");
    }

    public bool Allows(HttpContext http, AuthorizationLevel level) => level switch
    {
        AuthorizationLevel.Anonymous => true,
        AuthorizationLevel.Function => Presents(http, "default"),
        AuthorizationLevel.Admin => Presents(http, "master"),
        _ => throw new NotSupportedException($"The local host has no AuthorizationLevel.{level}."),
    };

    /// <summary>True for the master key and the system key of that extension, such as `blobs_extension`.</summary>
    public bool AllowsWebhook(HttpContext http, string extension) => Presents(http, extension);

    private bool Presents(HttpContext http, string key)
    {
        if (!required)
            return true;
        var header = http.Request.Headers["x-functions-key"].ToString();
        var given = header.Length > 0 ? header : http.Request.Query["code"].ToString();
        return given.Length > 0 && (Equal(given, "master") || Equal(given, key));
    }

    private bool Equal(string given, string key) =>
        keys.TryGetValue(key, out var secret)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
