using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Function keys, checked when the setting TPO_REQUIRE_KEYS is true: header `x-functions-key`, else query `code`; an empty one counts as none.
/// They are settings: `Host:Keys:master` opens everything, `Host:Keys:default` and every other name all functions,
/// `Host:Keys:{extension}_extension` that extension's webhooks, `Host:Keys:{function}:{name}` that one function.
/// Level System takes any system key. No key has the level User, as on Azure: only the master key opens it.
/// </summary>
internal sealed class FunctionKeys
{
    private const string Master = "master";
    private const string SystemSuffix = "_extension";
    private readonly bool required;
    private readonly IConfigurationSection keys;

    public FunctionKeys(IConfiguration settings)
    {
        required = bool.TryParse(settings["TPO_REQUIRE_KEYS"], out var value) && value;
        keys = settings.GetSection("Host:Keys");
        if (required && string.IsNullOrEmpty(keys[Master]))
            throw new StartupException("TPO_REQUIRE_KEYS is true, but there is no master key: set Host__Keys__master (and Host__Keys__default).");
    }

    /// <param name="function">The HTTP function that is asked for; null for the host's own addresses.</param>
    public bool Allows(HttpContext http, AuthorizationLevel level, string? function = null) =>
        !required || level == AuthorizationLevel.Anonymous || Given(http) is { } given && level switch
        {
            _ when IsMaster(given) => true,
            AuthorizationLevel.Function => OneOf(given, HostKeys()) || function is not null && OneOf(given, keys.GetSection(function).GetChildren()),
            AuthorizationLevel.System => OneOf(given, SystemKeys()),
            _ => false,
        };

    /// <summary>True for the master key and the system key of that extension, such as `blobs_extension`.</summary>
    public bool AllowsWebhook(HttpContext http, string extension) =>
        !required || Given(http) is { } given && (IsMaster(given) || OneOf(given, [keys.GetSection(extension)]));

    /// <summary>True where the caller shows the master key, whether keys are asked for or not.</summary>
    public bool ShowsMaster(HttpContext http) => Given(http) is { } given && IsMaster(given);

    private IEnumerable<IConfigurationSection> HostKeys() => keys.GetChildren().Where(k => !IsSystem(k));

    private IEnumerable<IConfigurationSection> SystemKeys() => keys.GetChildren().Where(IsSystem);

    private static bool IsSystem(IConfigurationSection key) => key.Key.EndsWith(SystemSuffix, StringComparison.OrdinalIgnoreCase);

    private static string? Given(HttpContext http)
    {
        var header = http.Request.Headers["x-functions-key"].ToString();
        var given = header.Length > 0 ? header : http.Request.Query["code"].ToString();
        return given.Length > 0 ? given : null;
    }

    private bool IsMaster(string given) => OneOf(given, [keys.GetSection(Master)]);

    private static bool OneOf(string given, IEnumerable<IConfigurationSection> secrets)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        return secrets.Any(s => s.Value is { Length: > 0 } secret
            && CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(secret))));
    }
}
