using System.Security.Cryptography;
using System.Text;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>
/// What the frozen tower sees in videos, [F, P, v] each, in files of this machine: a video is looked at once for all its pairs, all epochs and all runs of one
/// base model, and no more of them lie in memory than a step needs. Beyond the budget those not used for longest go; they are made again when they are asked for.
/// What is behind the tower (projector, keys and values) depends on trained weights and is never kept.
/// </summary>
public sealed class VideoFeatures(VideoEncoder encoder, string folder, long budgetBytes)
{
    private const string Name = "patches";

    /// <summary>A folder for everything that the features depend on besides the video: the base's weights and recipe, the frames, the type.</summary>
    public static string FolderFor(string workFolder, string baseRevision, CheckpointConfig config, int frames, ScalarType type)
    {
        byte[] all = SHA256.HashData(Encoding.UTF8.GetBytes($"{baseRevision} {config.Recipe} {frames} {type}"));
        return Path.Combine(workFolder, "features", Convert.ToHexStringLower(all)[..24]);
    }

    public bool Has(string videoId) => File.Exists(PathOf(videoId));

    /// <summary>Bytes of all that lies there now.</summary>
    public long Bytes => Directory.Exists(folder) ? new DirectoryInfo(folder).GetFiles("*.safetensors").Sum(file => file.Length) : 0;

    /// <summary>A video's features on the model's device, out of its file or anew; the caller disposes of them.</summary>
    /// <exception cref="BadVideoException">They were no longer there, and the video cannot be read any more.</exception>
    public async Task<Tensor> GetAsync(PreferencePair pair, int frames, CancellationToken cancellation)
    {
        if (TryRead(pair.VideoId) is { } kept)
            return kept;
        Tensor patches = encoder.Encode(await encoder.FramesAsync(pair, frames, cancellation));
        Keep(pair.VideoId, patches);
        return patches;
    }

    /// <summary>Writes a video's features; the file is whole or not there.</summary>
    public void Keep(string videoId, Tensor patches)
    {
        Directory.CreateDirectory(folder);
        string path = PathOf(videoId), unfinished = $"{path}.{Guid.NewGuid():N}";
        TensorFile.Write(unfinished, new Dictionary<string, Tensor> { [Name] = patches }, patches.dtype);
        File.Move(unfinished, path, overwrite: true);
        CacheFolder.MakeRoom(folder, "*.safetensors", budgetBytes, path);
    }

    /// <summary>A file that another run has just removed, or that is damaged, is as good as none.</summary>
    private Tensor? TryRead(string videoId)
    {
        string path = PathOf(videoId);
        try
        {
            using var scope = NewDisposeScope();
            Tensor patches = TensorFile.ReadAll(path)[Name].to(encoder.Device).DetachFromDisposeScope();
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow);
            return patches;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or KeyNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string videoId) => Path.Combine(folder, $"{videoId}.safetensors");
}
