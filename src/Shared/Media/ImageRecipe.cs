namespace Tpo.Shared.Media;

/// <summary>What becomes of the sides of a picture that is not square.</summary>
public enum ImageFit
{
    /// <summary>SigLIP's processor: both sides to S, the aspect is given up.</summary>
    Stretch,
    /// <summary>CLIP's processor: the short side to S, then the middle S × S.</summary>
    CropCentre,
}

/// <summary>How a decoded frame becomes the 8-bit picture that a model was trained on. It belongs to the lineage of everything seen through it.</summary>
/// <param name="Preprocess">one of <see cref="Reference"/> and <see cref="ScaledByFFmpeg"/></param>
/// <param name="Size">S, the side of the result</param>
public sealed record ImageRecipe(string Preprocess, ImageFit Fit, int Size)
{
    /// <summary>The published processors' arithmetic: Pillow's bicubic on the decoded RGB frame, bit for bit.</summary>
    public const string Reference = "pil-bicubic-v1";

    /// <summary>ffmpeg scales to S × S while it decodes. Not the published arithmetic; for models that were trained on such frames, like tpo-nano.</summary>
    public const string ScaledByFFmpeg = "ffmpeg-bicubic-v1";

    /// <summary>The reference's picture [S, S, 3] of an RGB picture [height, width, 3].</summary>
    public byte[] Apply(ReadOnlySpan<byte> rgb, int width, int height) => height == 3
        // The published processors take an array whose first size is 3 for three planes, and a picture of three rows is such an array.
        ? Fitted(PlanesToPixels(rgb, width * height), height, width)
        : Fitted(rgb, width, height);

    private byte[] Fitted(ReadOnlySpan<byte> rgb, int width, int height)
    {
        var picture = new byte[3 * Size * Size];
        if (Fit == ImageFit.Stretch || width == height)
        {
            PilBicubic.Resize(rgb, width, height, picture, Size, Size);
            return picture;
        }
        // The long side is cut off to whole pixels, as the reference's int() does.
        var (scaledWidth, scaledHeight) = width < height ? (Size, (int)(Size * (long)height / width)) : ((int)(Size * (long)width / height), Size);
        var scaled = new byte[3 * scaledWidth * scaledHeight];
        PilBicubic.Resize(rgb, width, height, scaled, scaledWidth, scaledHeight);
        var (left, top) = ((scaledWidth - Size) / 2, (scaledHeight - Size) / 2);
        for (var y = 0; y < Size; y++)
            scaled.AsSpan(((top + y) * scaledWidth + left) * 3, 3 * Size).CopyTo(picture.AsSpan(3 * y * Size));
        return picture;
    }

    /// <summary>[3, pixels] → [pixels, 3].</summary>
    private static byte[] PlanesToPixels(ReadOnlySpan<byte> planes, int pixels)
    {
        var rgb = new byte[3 * pixels];
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = planes[i % 3 * pixels + i / 3];
        return rgb;
    }
}
