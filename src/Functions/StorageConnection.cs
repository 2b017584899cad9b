using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;

namespace Tpo.Functions;

/// <summary>
/// The setting `AzureWebJobsStorage`, in either of its official forms: one connection string (local), or `AzureWebJobsStorage__accountName`
/// with a managed identity (Azure, where shared keys are off).
/// </summary>
internal static class StorageConnection
{
    private const string Name = "AzureWebJobsStorage";

    public static BlobServiceClient Open(IConfiguration configuration)
    {
        if (configuration[Name] is { Length: > 0 } connection)
            return new BlobServiceClient(connection);
        if (AccountName(configuration) is { } account)
            return new BlobServiceClient(new Uri($"https://{account}.blob.core.windows.net"), new ManagedIdentityCredential(ManagedIdentityId(configuration)));
        throw new InvalidOperationException($"The setting '{Name}' is missing: set it to a storage connection string (./tpo up does), or '{Name}__accountName' to an account.");
    }

    /// <summary>The account that is reached by identity; null = none is named.</summary>
    public static string? AccountName(IConfiguration configuration) => configuration[$"{Name}:accountName"] is { Length: > 0 } account ? account : null;

    /// <summary>What a job on this machine needs in its environment to reach the same storage.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Environment(IConfiguration configuration) =>
        configuration[Name] is { Length: > 0 } connection ? [new(Name, connection)] : ByIdentity(configuration, clientId: "");

    /// <summary>What a job elsewhere needs, which signs in with its own identity: never a secret.</summary>
    /// <param name="clientId">the job's identity; empty = the app's</param>
    public static IReadOnlyList<KeyValuePair<string, string>> ByIdentity(IConfiguration configuration, string clientId)
    {
        var identity = clientId.Length > 0 ? clientId : configuration[$"{Name}:clientId"] ?? "";
        return [.. new[] { KeyValuePair.Create($"{Name}__accountName", AccountName(configuration) ?? ""), new($"{Name}__clientId", identity) }.Where(variable => variable.Value.Length > 0)];
    }

    private static ManagedIdentityId ManagedIdentityId(IConfiguration configuration) =>
        configuration[$"{Name}:clientId"] is { Length: > 0 } client
            ? Azure.Identity.ManagedIdentityId.FromUserAssignedClientId(client)
            : Azure.Identity.ManagedIdentityId.SystemAssigned;
}
