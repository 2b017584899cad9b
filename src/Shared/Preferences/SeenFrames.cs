using System.Security.Cryptography;
using Tpo.Shared.Media;

namespace Tpo.Shared.Preferences;

/// <summary>
/// The very pixels that a model saw, so that a pair cannot name frames that it was not made from.
/// </summary>
/// <param name="VideoId">SHA-256 of the file they were decoded from</param>
/// <param name="Preprocess">how they became pixels</param>
/// <param name="Hashes">of each frame, by its index: the first 16 hex digits of the SHA-256 of its size and pixels</param>
public sealed record SeenFrames(string VideoId, string Preprocess, IReadOnlyDictionary<int, string> Hashes)
{
    public static SeenFrames Of(string videoId, string preprocess, IEnumerable<RgbFrame> frames) =>
        new(videoId, preprocess, new SortedDictionary<int, string>(frames.DistinctBy(frame => frame.Index).ToDictionary(frame => frame.Index, HashOf)));

    private static string HashOf(RgbFrame frame)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(frame.Width));
        hash.AppendData(BitConverter.GetBytes(frame.Height));
        hash.AppendData(frame.Rgb);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}

/// <summary>Frames, captions and answers that do not belong together: nothing is written from them.</summary>
public sealed class BrokenLineageException(string message) : Exception(message);

/// <summary>Whether what the models saw is what was planned, of this video and the same in every view.</summary>
public static class FrameLineage
{
    /// <exception cref="BrokenLineageException">a view was made from another video, from other frames than planned, or from other pixels than another view</exception>
    public static void Require(CurationPlan plan, IEnumerable<ViewCaptions> captions, IEnumerable<ViewAnswers> answers)
    {
        var first = new Dictionary<(string Preprocess, int Index), (string Hash, string What)>();
        foreach (var (what, view, seen) in captions.Select(made => ("captions", made.View, made.Seen)).Concat(answers.Select(made => ("answers", made.View, made.Seen))))
        {
            var name = $"The {what} of view '{view}' of video {plan.VideoId}";
            if (seen is null)
                throw new BrokenLineageException($"{name} do not say which frames they were made from. They are older than this check: upload the video again.");
            if (seen.VideoId != plan.VideoId)
                throw new BrokenLineageException($"{name} were made from another video, {seen.VideoId}. Nothing was written; upload the video again.");
            if (!plan.Frames[view].Indices.Distinct().Order().SequenceEqual(seen.Hashes.Keys.Order()))
                throw new BrokenLineageException($"{name} were made from other frames than planned. Nothing was written; upload the video again.");
            foreach (var (index, hash) in seen.Hashes)
            {
                if (!first.TryAdd((seen.Preprocess, index), (hash, $"{what} of view '{view}'")) && first[(seen.Preprocess, index)] is var other && other.Hash != hash)
                    throw new BrokenLineageException($"{name} saw another frame {index} than the {other.What}. Nothing was written; upload the video again.");
            }
        }
    }
}
