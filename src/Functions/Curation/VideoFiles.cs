using System.Collections.Concurrent;
using Azure;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>
/// This machine's copies of videos, under neutral names ({sha256}.bin). Any of them may vanish at any time: whoever needs one asks here, and it
/// is downloaded again and checked against its hash.
/// </summary>
public sealed class VideoFiles(TpoStorage storage, TpoSettings settings)
{
    /// <summary>Of subtitle files that are read, the preferred one first.</summary>
    public static readonly string[] SubtitleEndings = [".srt", ".vtt"];

    private const long CacheBytes = 16L << 30;

    private readonly ConcurrentDictionary<string, ((long Length, DateTime Written) State, string Hash)> _hashes = new();

    private string Folder => Path.Combine(settings.WorkFolder, "videos");

    /// <summary>The video's file. Throws <see cref="BadVideoException"/> where its blob is gone or holds other bytes by now.</summary>
    public async Task<string> GetAsync(VideoAsset video, CancellationToken cancellation)
    {
        var path = Path.Combine(Folder, $"{video.VideoId}.bin");
        if (File.Exists(path) && await HashAsync(path, cancellation) == video.VideoId)
            return path;
        var fresh = await DownloadAsync(video.BlobName, cancellation);
        if (await VideoProbe.HashAsync(fresh, cancellation) != video.VideoId)
        {
            File.Delete(fresh);
            throw new BadVideoException(
                $"The blob '{video.BlobName}' no longer holds the video that was probed. "
                + "If it was replaced, the new one is curated by itself; else upload it again.");
        }
        return Keep(fresh, video.VideoId);
    }

    /// <summary>SHA-256 of a file. It is read once, and again only when its length or its time of writing has changed.</summary>
    public async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        var state = StateOf(path);
        if (_hashes.TryGetValue(path, out var known) && known.State == state)
            return known.Hash;
        var hash = await VideoProbe.HashAsync(path, cancellation);
        _hashes[path] = (state, hash);
        return hash;
    }

    private static (long Length, DateTime Written) StateOf(string path)
    {
        var file = new FileInfo(path);
        return (file.Length, file.LastWriteTimeUtc);
    }

    /// <summary>Downloads an upload whose hash nobody knows yet; <see cref="Keep"/> gives it its name.</summary>
    public async Task<string> DownloadAsync(string blobName, CancellationToken cancellation)
    {
        var path = Path.Combine(Folder, $"{Guid.NewGuid():N}.upload");
        try
        {
            await storage.DownloadAsync(Containers.Videos, blobName, path, cancellation);
            return path;
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            throw new BadVideoException($"The blob '{blobName}' was deleted before it was curated: upload it again.", missing);
        }
    }

    /// <summary>Puts a downloaded file into the cache under its hash, which the caller has just computed; the files not used for longest make room.</summary>
    public string Keep(string file, string videoId)
    {
        var path = Path.Combine(Folder, $"{videoId}.bin");
        File.Move(file, path, overwrite: true);
        _hashes[path] = (StateOf(path), videoId);
        CacheFolder.MakeRoom(Folder, "*.bin", CacheBytes, path);
        return path;
    }

    /// <summary>The subtitle file of the same name, where there is one.</summary>
    public async Task<string?> SubtitleOfAsync(string blobName, CancellationToken cancellation)
    {
        foreach (var ending in SubtitleEndings)
        {
            var subtitle = Path.ChangeExtension(blobName, ending);
            if (await storage.ExistsAsync(Containers.Videos, subtitle, cancellation))
                return subtitle;
        }
        return null;
    }

    public Task<VideoAsset> AssetAsync(string videoId, CancellationToken cancellation) =>
        storage.ReadJsonAsync<VideoAsset>(Containers.Curation, CurationBlobs.Asset(videoId), cancellation);
}
