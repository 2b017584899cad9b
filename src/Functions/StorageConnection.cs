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
        if (configuration[$"{Name}:accountName"] is { Length: > 0 } account)
            return new BlobServiceClient(new Uri($"https://{account}.blob.core.windows.net"), new ManagedIdentityCredential(ManagedIdentityId(configuration)));
        throw new InvalidOperationException($"The setting '{Name}' is missing: set it to a storage connection string (./tpo up does), or '{Name}__accountName' to an account.");
    }

    /// <summary>What a child process of this machine needs in its environment to reach the same storage.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Environment(IConfiguration configuration) =>
        configuration[Name] is { Length: > 0 } connection ? [new(Name, connection)] : [];

    private static ManagedIdentityId ManagedIdentityId(IConfiguration configuration) =>
        configuration[$"{Name}:clientId"] is { Length: > 0 } client
            ? Azure.Identity.ManagedIdentityId.FromUserAssignedClientId(client)
            : Azure.Identity.ManagedIdentityId.SystemAssigned;
}
