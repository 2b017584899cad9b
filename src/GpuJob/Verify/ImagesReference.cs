using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// Pictures with what the published processors made of them: the 8-bit result of resize and crop, and of the tensor behind it the sum and a
/// few points. Errors are in units of the picture's 0 to 1; 1/255 is one step of 8 bits.
/// </summary>
public sealed class ImagesReference : IReferenceCheck
{
    private const double Tolerance = 1 / 255.0;
    private const string Json = "golden.json";

    public string Describes => $"a folder of pictures ({Json} that lists `image`, `siglip`, `clip`)";

    public bool Recognises(string path)
    {
        string json = Path.Combine(path, Json);
        return File.Exists(json) && JsonRows.Have(json, "image");
    }

    public IEnumerable<ReferenceFile> Check(string path, VerifyEngine engine)
    {
        var pictures = JsonSerializer.Deserialize<List<PictureRow>>(File.ReadAllText(Path.Combine(path, Json))) ?? [];
        foreach (PictureRow row in pictures)
        {
            string file = Path.Combine(path, row.Image);
            PngPicture picture = PngPicture.Read(file);
            Finding[] findings =
            [
                .. row.Siglip is null ? [] : Compare(path, picture, "siglip", ImageFit.Stretch, row.Siglip),
                .. row.Clip is null ? [] : Compare(path, picture, "clip", ImageFit.CropCentre, row.Clip),
            ];
            yield return new ReferenceFile(file, $"{picture.Width}×{picture.Height}, {findings.Length} comparisons", findings);
        }
    }

    private static IEnumerable<Finding> Compare(string folder, PngPicture picture, string name, ImageFit fit, ProcessedRow expected)
    {
        PngPicture reference = PngPicture.Read(Path.Combine(folder, expected.Resized));
        int size = reference.Width;
        if (reference.Height != size)
        {
            yield return Finding.Failed(name, $"'{expected.Resized}' is {reference.Width}×{reference.Height}, and a tower takes squares");
            yield break;
        }
        byte[] found = new ImageRecipe(ImageRecipe.Reference, fit, size).Apply(picture.Rgb, picture.Width, picture.Height);
        yield return Pixels($"{name} pixels", reference, found);

        var normalizer = new ImageNormalizer(Tower(fit, size));
        float[] tensor = normalizer.Normalize(new RgbFrame(size, size, found, 0, 0));
        var (error, where) = (0.0, "");
        foreach (double[] point in expected.Points)
        {
            int channel = (int)point[0];
            float value = tensor[(channel * size + (int)point[1]) * size + (int)point[2]];
            double difference = Math.Abs(value - point[3]) * expected.Deviation[channel];
            if (!(difference <= error))
                (error, where) = (difference, string.Create(CultureInfo.InvariantCulture, $"[{channel}, {point[1]}, {point[2]}] is {value} instead of {point[3]}"));
        }
        yield return new Finding($"{name} tensor", error, Tolerance, where);

        double sum = tensor.Sum(value => (double)value);
        yield return new Finding($"{name} mean", Math.Abs(sum - expected.Sum) / tensor.Length * expected.Deviation.Average(), Tolerance,
            string.Create(CultureInfo.InvariantCulture, $"the sum is {sum} instead of {expected.Sum}"));
    }

    private static Finding Pixels(string name, PngPicture reference, byte[] found)
    {
        int worst = 0, at = 0;
        for (int i = 0; i < found.Length; i++)
        {
            int difference = Math.Abs(found[i] - reference.Rgb[i]);
            if (difference > worst)
                (worst, at) = (difference, i);
        }
        return new Finding(name, worst / 255.0, Tolerance, $"[{at / 3 / reference.Width}, {at / 3 % reference.Width}, {at % 3}] is {found[at]} instead of {reference.Rgb[at]}");
    }

    private static VisionConfig Tower(ImageFit fit, int size) => new()
    {
        ModelType = fit == ImageFit.CropCentre ? VisionConfig.Clip : VisionConfig.Siglip, ImageSize = size,
        HiddenSize = 1, IntermediateSize = 1, Layers = 1, Heads = 1, PatchSize = 1,
    };

    private sealed record PictureRow(
        [property: JsonPropertyName("image"), JsonRequired] string Image, [property: JsonPropertyName("siglip")] ProcessedRow? Siglip, [property: JsonPropertyName("clip")] ProcessedRow? Clip);

    /// <param name="Deviation">std per channel</param>
    /// <param name="Sum">over the whole tensor [3, S, S]</param>
    /// <param name="Points">channel, row, column, value</param>
    private sealed record ProcessedRow(
        [property: JsonPropertyName("resized"), JsonRequired] string Resized, [property: JsonPropertyName("std"), JsonRequired] double[] Deviation,
        [property: JsonPropertyName("sum"), JsonRequired] double Sum, [property: JsonPropertyName("points"), JsonRequired] double[][] Points);
}
