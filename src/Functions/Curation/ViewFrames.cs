using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>
/// The frames of a video's views. They are taken from the file in one go, whichever view asks first, and kept on this machine, so that none is decoded
/// twice. Any kept file may vanish or be changed at any time: frames are used only where they have the hashes that they had when they were decoded.
/// </summary>
public sealed class ViewFrames(VideoFiles files, TpoSettings settings, ILogger<ViewFrames> log)
{
    /// <summary>Beyond so many frames each view takes its own: all of them together would be too much memory.</summary>
    private const int MostTogether = 256;
    private const long CacheBytes = 4L << 30;

    /// <summary>Views of one video wait for each other; so many videos are decoded at once.</summary>
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new SemaphoreSlim(1))];

    private string Folder => Path.Combine(settings.WorkFolder, "frames");

    /// <param name="together">the views, this one among them, that the model will be asked about</param>
    public async Task<(IReadOnlyList<RgbFrame> Frames, SeenFrames Seen)> OfAsync(
        CurationPlan plan, string view, IEnumerable<string> together, IVideoModel model, CancellationToken cancellation)
    {
        var times = new SortedDictionary<int, double>();
        foreach (var other in together.Append(view).Select(name => plan.Frames[name]))
            for (var i = 0; i < other.Indices.Length; i++)
                times[other.Indices[i]] = other.Times[i];
        if (times.Count > MostTogether)
            return await DecodeAsync(plan.VideoId, plan.Frames[view], model, cancellation);

        var path = Path.Combine(Folder, $"{PairIds.Hash(plan.VideoId, model.Preprocess, WorkInputs.Of(times.Keys))}.frames");
        var turn = _turns[(uint)path.GetHashCode(StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync(cancellation);
        try
        {
            if (await TryReadAsync(path, plan.VideoId, model.Preprocess, plan.Frames[view], cancellation) is { } kept)
                return kept;
            var (frames, seen) = await DecodeAsync(plan.VideoId, new FramePlan("together", [.. times.Keys], [.. times.Values]), model, cancellation);
            log.LogInformation("decoded {Frames} frames of {Video} in one go", frames.Count, plan.VideoId);
            await KeepAsync(path, frames, seen, cancellation);
            return Part(frames, seen, plan.Frames[view]);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<(IReadOnlyList<RgbFrame>, SeenFrames)> DecodeAsync(string videoId, FramePlan plan, IVideoModel model, CancellationToken cancellation)
    {
        var video = await files.AssetAsync(videoId, cancellation);
        var path = await files.GetAsync(video, cancellation);
        var frames = await model.FramesAsync(path, video, plan, cancellation);
        return (frames, SeenFrames.Of(await files.HashAsync(path, cancellation), model.Preprocess, frames));
    }

    private static (IReadOnlyList<RgbFrame>, SeenFrames) Part(IReadOnlyList<RgbFrame> all, SeenFrames seen, FramePlan plan)
    {
        var byIndex = all.ToDictionary(frame => frame.Index);
        RgbFrame[] frames = [.. plan.Indices.Zip(plan.Times, (index, time) => byIndex[index] with { TimeSeconds = time })];
        return (frames, seen with { Hashes = new SortedDictionary<int, string>(plan.Indices.Distinct().ToDictionary(index => index, index => seen.Hashes[index])) });
    }

    /// <summary>A line that says what follows, then the pixels of every frame.</summary>
    private sealed record Head(SeenFrames Seen, int Width, int Height);

    private async Task KeepAsync(string path, IReadOnlyList<RgbFrame> frames, SeenFrames seen, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Folder);
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        await using (var file = File.Create(partial))
        {
            await file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new Head(seen, frames[0].Width, frames[0].Height), TpoJson.Options), cancellation);
            file.WriteByte((byte)'\n');
            foreach (var frame in frames)
                await file.WriteAsync(frame.Rgb, cancellation);
        }
        File.Move(partial, path, overwrite: true);
        CacheFolder.MakeRoom(Folder, "*", CacheBytes, path);
    }

    /// <returns>null where the file is not there, or holds anything else than what was decoded from this video</returns>
    private static async Task<(IReadOnlyList<RgbFrame>, SeenFrames)?> TryReadAsync(string path, string videoId, string preprocess, FramePlan plan, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            await using var file = File.OpenRead(path);
            var (head, pixels) = ReadHead(file);
            int[] kept = [.. head.Seen.Hashes.Keys.Order()];
            var frames = new List<RgbFrame>();
            foreach (var index in plan.Indices.Distinct())
            {
                var rgb = new byte[3 * head.Width * head.Height];
                file.Position = pixels + (long)Array.BinarySearch(kept, index) * rgb.Length;
                await file.ReadExactlyAsync(rgb, cancellation);
                frames.Add(new RgbFrame(head.Width, head.Height, rgb, index, 0));
            }
            var seen = SeenFrames.Of(videoId, preprocess, frames);
            return (head.Seen.VideoId, head.Seen.Preprocess) == (videoId, preprocess) && seen.Hashes.All(hash => head.Seen.Hashes[hash.Key] == hash.Value)
                ? Part(frames, seen, plan)
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or ArgumentException or OverflowException or KeyNotFoundException)
        {
            return null; // spoilt, or made room for others meanwhile
        }
    }

    /// <returns>what the first line says, and where the pixels begin</returns>
    private static (Head Head, long Pixels) ReadHead(FileStream file)
    {
        var line = new MemoryStream();
        for (var value = file.ReadByte(); value != '\n'; value = file.ReadByte())
        {
            if (value < 0)
                throw new EndOfStreamException("The file of kept frames has no first line.");
            line.WriteByte((byte)value);
        }
        return (JsonSerializer.Deserialize<Head>(line.ToArray(), TpoJson.Options) ?? throw new JsonException("null"), line.Length + 1);
    }
}
