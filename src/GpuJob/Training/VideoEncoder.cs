using Azure;
using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>
/// Looks at a video: uniform frames of the whole of it (never the views that the answers were written from) through the frozen tower.
/// </summary>
public sealed class VideoEncoder(TpoStorage storage, TpoSettings settings, LlavaQwenForCausalLM model, string scratchFolder)
{
    private readonly FrameExtractor _frames = new(settings);
    // How long a video must be was curation's question; what has pairs is trained on.
    private readonly VideoProbe _probe = new(settings with { MinVideoSeconds = 0 });

    public Device Device => model.Device;

    /// <exception cref="BadVideoException">The video cannot be read, or is no longer the one the pair was made from.</exception>
    public async Task<IReadOnlyList<RgbFrame>> FramesAsync(PreferencePair pair, int frames, CancellationToken cancellation)
    {
        string path = Path.Combine(scratchFolder, $"{pair.VideoId}.bin");
        try
        {
            await DownloadAsync(pair.VideoBlob, path, cancellation);
            await CheckIdentityAsync(path, pair, cancellation);
            VideoAsset asset = await storage.TryReadJsonAsync<VideoAsset>(Containers.Curation, CurationBlobs.Asset(pair.VideoId), cancellation)
                ?? await _probe.ProbeAsync(path, pair.VideoBlob, cancellation: cancellation);
            FramePlan plan = FramePlanner.Uniform(asset.FrameCount, asset.FramesPerSecond, frames);
            return await _frames.ExtractAsync(path, plan, model.Config.Recipe, cancellation);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task DownloadAsync(string blob, string path, CancellationToken cancellation)
    {
        try
        {
            await storage.DownloadAsync(Containers.Videos, blob, path, cancellation);
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            throw new BadVideoException($"The video '{blob}' is no longer in storage: upload it again.", missing);
        }
    }

    /// <returns>tower output [F, P, v] on the model's device, in its type</returns>
    public Tensor Encode(IReadOnlyList<RgbFrame> frames)
    {
        ComputeThreads.Use();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var normalizer = new ImageNormalizer(model.Config.Vision);
        long side = model.Config.Vision.ImageSize;
        Tensor pixels = tensor(normalizer.Normalize(frames)).reshape(new long[] { frames.Count, 3, side, side });
        // In the order in which a file has them: products round differently over another one.
        return model.EncodeFrames(pixels.to_type(model.Type).to(model.Device)).contiguous().DetachFromDisposeScope();
    }

    private static async Task CheckIdentityAsync(string path, PreferencePair pair, CancellationToken cancellation)
    {
        string hash = await VideoProbe.HashAsync(path, cancellation);
        if (hash != pair.VideoId)
            throw new BadVideoException(
                $"The video '{pair.VideoBlob}' is not the one its preference pairs were made from (SHA-256 {hash[..12]}…, not {pair.VideoId[..12]}…): "
                + "put the old file back, or build a new dataset after its curation.");
    }
}
