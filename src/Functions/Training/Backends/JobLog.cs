using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>What a job printed: a file of this machine, or the log that the job itself keeps in storage.</summary>
internal static class JobLog
{
    /// <summary>As much as a failure's sentence can bear.</summary>
    private const int TailBytes = 2000;

    public static string FileOf(TpoSettings settings, string runId) => Path.Combine(settings.WorkFolder, "logs", $"{runId}.log");

    public static async Task<string> TailOfFileAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return "";
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(Math.Max(0, file.Length - TailBytes), SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        return WholeLines(await reader.ReadToEndAsync(cancellation), cut: file.Length > TailBytes);
    }

    public static async Task<string> TailOfBlobAsync(TpoStorage storage, string runId, CancellationToken cancellation)
    {
        var blob = storage.Container(Containers.Training).GetBlobClient(TrainingBlobs.Log(runId));
        try
        {
            var length = (await blob.GetPropertiesAsync(cancellationToken: cancellation)).Value.ContentLength;
            if (length == 0)
                return "";
            var range = new HttpRange(Math.Max(0, length - TailBytes), Math.Min(length, TailBytes));
            var content = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = range }, cancellation);
            return WholeLines(Encoding.UTF8.GetString(content.Value.Content), cut: length > TailBytes);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return "";
        }
    }

    private static string WholeLines(string text, bool cut) => (cut && text.IndexOf('\n') is >= 0 and var end ? text[(end + 1)..] : text).Trim();
}
