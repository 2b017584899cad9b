using Azure.Storage.Blobs;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>What a [BlobTrigger] parameter can be. Only string, byte[] and BinaryData read the whole blob into memory.</summary>
internal static class BlobContent
{
    public static ParameterBinder? BinderFor(Type type)
    {
        if (type == typeof(BlobClient))
            return call => new(Blob(call));
        if (type == typeof(Stream))
            return async call => await Blob(call).OpenReadAsync(cancellationToken: call.CancellationToken);
        if (type == typeof(BinaryData))
            return async call => await ReadAsync(call);
        if (type == typeof(byte[]))
            return async call => (await ReadAsync(call)).ToArray();
        if (type == typeof(string))
            return async call => (await ReadAsync(call)).ToString();
        return null;
    }

    private static BlobClient Blob(LocalFunctionContext call) => ((BlobArrival)call.Arrival).Blob;

    private static async Task<BinaryData> ReadAsync(LocalFunctionContext call) =>
        (await Blob(call).DownloadContentAsync(call.CancellationToken)).Value.Content;
}
