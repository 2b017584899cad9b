using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>From projected patches to the rows the decoder reads: 2×2 pooling a frame, then newline vectors, as the config says.</summary>
public static class VideoTokens
{
    /// <summary>2×2 pooling of the patch grid. [F, p · p, d] → [F, q · q, d], q = ceil(p / 2) for bilinear, floor(p / 2) for average.</summary>
    public static Tensor Pool(Tensor projected, CheckpointConfig config)
    {
        using var scope = NewDisposeScope();
        (long frames, long side, long size) = (projected.shape[0], config.PatchesPerSide, projected.shape[2]);
        Tensor grid = projected.transpose(1, 2).reshape(new long[] { frames, size, side, side });
        long pooledSide = config.PooledPerSide;
        Tensor pooled = config.PoolMode switch
        {
            "bilinear" => nn.functional.interpolate(
                grid, new long[] { pooledSide, pooledSide }, null, InterpolationMode.Bilinear, align_corners: false),
            "average" => grid.narrow(2, 0, 2 * pooledSide).narrow(3, 0, 2 * pooledSide)
                .reshape(new long[] { frames, size, pooledSide, 2, pooledSide, 2 }).mean(new long[] { 3, 5 }),
            _ => throw new NotSupportedException($"mm_spatial_pool_mode '{config.PoolMode}' is unknown; supported: bilinear, average."),
        };
        return pooled.reshape(new long[] { frames, size, pooledSide * pooledSide }).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Joins the frames. [F, q · q, d] and the newline vector [d] (null where the checkpoint has none) → [V, d]:
    /// grid puts a newline after every row, frame after every frame, one_token after the whole video, no_token nowhere.
    /// </summary>
    public static Tensor Join(Tensor pooled, Tensor? newline, CheckpointConfig config)
    {
        using var scope = NewDisposeScope();
        (long frames, long tokens, long size) = (pooled.shape[0], pooled.shape[1], pooled.shape[2]);
        long side = config.PooledPerSide;
        Tensor joined = config.Newlines switch
        {
            "grid" => AppendTo(pooled.reshape(new long[] { frames * side, side, size }), Newline(newline)),
            "frame" => AppendTo(pooled, Newline(newline)),
            "one_token" when newline is not null => AppendTo(pooled.reshape(new long[] { 1, frames * tokens, size }), newline),
            "one_token" or "no_token" => pooled,
            var other => throw new NotSupportedException(
                $"mm_newline_position '{other}' is unknown; supported: grid, frame, one_token, no_token."),
        };
        return joined.reshape(new long[] { -1, size }).MoveToOuterDisposeScope();
    }

    /// <summary>Rows of tokens a video of so many frames becomes.</summary>
    public static int Count(int frames, CheckpointConfig config)
    {
        int side = config.PooledPerSide;
        return config.Newlines switch
        {
            "grid" => frames * side * (side + 1),
            "frame" => frames * (side * side + 1),
            "one_token" when config.HasNewline => frames * side * side + 1,
            _ => frames * side * side,
        };
    }

    /// <summary>[G, n, d] and [d] → [G, n + 1, d]</summary>
    private static Tensor AppendTo(Tensor groups, Tensor newline) =>
        cat(new Tensor[] { groups, newline.expand(new long[] { groups.shape[0], 1, groups.shape[2] }) }, 1);

    private static Tensor Newline(Tensor? newline) => newline ?? throw new InvalidDataException(
        "The config asks for newline tokens (mm_newline_position) but its mm_patch_merge_type has none ('unpad' is missing).");
}
