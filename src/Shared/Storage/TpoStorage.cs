using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Tpo.Shared.Storage;

/// <summary>
/// Typed reading and writing of the product's blobs. Every write of one blob is whole or absent, so a reader never sees half a record.
/// </summary>
public sealed class TpoStorage(BlobServiceClient service)
{
    /// <summary>Opens storage from a connection string (`AzureWebJobsStorage`).</summary>
    public static TpoStorage FromConnectionString(string connectionString) => new(new BlobServiceClient(connectionString));

    public BlobContainerClient Container(string container) => service.GetBlobContainerClient(container);

    public async Task EnsureContainersAsync(CancellationToken cancellation = default)
    {
        foreach (var name in Containers.All)
            await Container(name).CreateIfNotExistsAsync(cancellationToken: cancellation);
    }

    public async Task<bool> ExistsAsync(string container, string name, CancellationToken cancellation = default) =>
        await Container(container).GetBlobClient(name).ExistsAsync(cancellation);

    public const string JsonType = "application/json", JsonLinesType = "application/x-ndjson";

    public async Task WriteJsonAsync<T>(string container, string name, T value, CancellationToken cancellation = default) =>
        await WriteTextAsync(container, name, JsonSerializer.Serialize(value, TpoJson.Indented), JsonType, cancellation);

    public async Task WriteJsonLinesAsync<T>(string container, string name, IEnumerable<T> rows, CancellationToken cancellation = default) =>
        await WriteBytesAsync(container, name, JsonLines(rows), JsonLinesType, cancellation);

    /// <summary>One JSON object a line.</summary>
    public static byte[] JsonLines<T>(IEnumerable<T> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append(JsonSerializer.Serialize(row, TpoJson.Options)).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public async Task WriteTextAsync(string container, string name, string text, string contentType, CancellationToken cancellation = default) =>
        await WriteBytesAsync(container, name, Encoding.UTF8.GetBytes(text), contentType, cancellation);

    public async Task WriteBytesAsync(
        string container, string name, byte[] bytes, string contentType, CancellationToken cancellation = default, IDictionary<string, string>? metadata = null) =>
        await Container(container).GetBlobClient(name).UploadAsync(
            BinaryData.FromBytes(bytes),
            new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = contentType }, Metadata = metadata },
            cancellation);

    /// <summary>The record, or null where the blob does not exist.</summary>
    public async Task<T?> TryReadJsonAsync<T>(string container, string name, CancellationToken cancellation = default) where T : class
    {
        var text = await TryReadTextAsync(container, name, cancellation);
        return text is null ? null : JsonSerializer.Deserialize<T>(text, TpoJson.Options);
    }

    /// <summary>The record; a missing blob is an error that names it.</summary>
    public async Task<T> ReadJsonAsync<T>(string container, string name, CancellationToken cancellation = default) where T : class =>
        await TryReadJsonAsync<T>(container, name, cancellation)
        ?? throw new FileNotFoundException($"The blob '{container}/{name}' does not exist.");

    /// <summary>The rows of a JSON-lines blob; none where it does not exist.</summary>
    public async Task<IReadOnlyList<T>> ReadJsonLinesAsync<T>(string container, string name, CancellationToken cancellation = default)
    {
        var text = await TryReadTextAsync(container, name, cancellation);
        if (text is null)
            return [];
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<T>(line, TpoJson.Options)!)];
    }

    public async Task<string?> TryReadTextAsync(string container, string name, CancellationToken cancellation = default) =>
        (await TryReadVersionAsync(container, name, cancellation))?.Text;

    /// <summary>The text and which version of the blob it is; null where the blob does not exist.</summary>
    public async Task<(string Text, ETag ETag)?> TryReadVersionAsync(string container, string name, CancellationToken cancellation = default)
    {
        try
        {
            var response = await Container(container).GetBlobClient(name).DownloadContentAsync(cancellation);
            return (response.Value.Content.ToString(), response.Value.Details.ETag);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Downloads one blob to a file, through a temporary name, so that a killed download never leaves half a file.</summary>
    public async Task DownloadAsync(string container, string name, string path, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            await Container(container).GetBlobClient(name).DownloadToAsync(partial, cancellation);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>
    /// Downloads every blob under a prefix that the filter takes (all where null) into a folder, keeping the names behind the prefix as paths;
    /// returns how many. A name that would leave the folder is refused.
    /// </summary>
    public async Task<int> DownloadFolderAsync(
        string container, string prefix, string folder, Func<string, bool>? takes = null, CancellationToken cancellation = default)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var names = (await ListAsync(container, prefix, cancellation)).Where(name => takes?.Invoke(name) ?? true).ToList();
        foreach (var name in names)
        {
            var path = Path.GetFullPath(Path.Combine(root, name[prefix.Length..]));
            if (!path.StartsWith(root, StringComparison.Ordinal))
                throw new InvalidDataException($"The blob '{container}/{name}' would leave the folder it is downloaded to.");
            await DownloadAsync(container, name, path, cancellation);
        }
        return names.Count;
    }

    public async Task UploadFileAsync(string container, string name, string path, CancellationToken cancellation = default)
    {
        await using var file = File.OpenRead(path);
        await Container(container).GetBlobClient(name).UploadAsync(file, overwrite: true, cancellation);
    }

    /// <summary>Names under a prefix, in storage's (ordinal) order. Not for pages: lists come from the catalog.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string container, string prefix, CancellationToken cancellation = default)
    {
        var names = new List<string>();
        await foreach (var blob in Container(container).GetBlobsAsync(prefix: prefix, cancellationToken: cancellation))
            names.Add(blob.Name);
        return names;
    }
}
