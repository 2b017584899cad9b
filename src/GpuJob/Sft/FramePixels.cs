using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>Frames as the vision tower takes them.</summary>
public static class FramePixels
{
    /// <summary>All frames of the samples [B · F, 3, S, S], channels from −1 to 1: v / 255 through mean and deviation 0.5, as SigLIP's preprocessing says.</summary>
    public static Tensor Of(IReadOnlyList<SftSample> samples, int side)
    {
        var plane = side * side;
        var frames = samples.SelectMany(sample => sample.Frames).ToArray();
        var values = new float[frames.Length * 3 * plane];
        for (var f = 0; f < frames.Length; f++)
            for (var i = 0; i < plane; i++)
                for (var channel = 0; channel < 3; channel++)
                    values[(f * 3 + channel) * plane + i] = frames[f][3 * i + channel] / 127.5f - 1;
        return tensor(values).reshape(new long[] { frames.Length, 3, side, side });
    }
}
