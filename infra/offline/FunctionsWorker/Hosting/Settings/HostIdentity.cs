using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// The name under which this app keeps its receipts and timers: setting `AzureFunctionsWebHost:hostid`, else the app's name. It does not
/// depend on the folder, so a moved app forgets nothing. At most 32 small letters, digits and dashes.
/// </summary>
internal sealed class HostIdentity(IConfiguration settings, IHostEnvironment environment)
{
    public string Id { get; } = Normal(settings["AzureFunctionsWebHost:hostid"] ?? environment.ApplicationName);

    private static string Normal(string name)
    {
        var letters = name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').Take(32);
        var id = string.Join('-', new string([.. letters]).Split('-', StringSplitOptions.RemoveEmptyEntries));
        return id.Length > 0 ? id : throw new StartupException($"The host id '{name}' holds no letter or digit: set AzureFunctionsWebHost__hostid.");
    }
}
