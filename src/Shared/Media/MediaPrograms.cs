using FFMpegCore;

namespace Tpo.Shared.Media;

/// <summary>How this product runs ffmpeg and ffprobe: from the folder that the settings name, in the product's scratch folder.</summary>
internal static class MediaPrograms
{
    public static FFOptions Options(TpoSettings settings)
    {
        Directory.CreateDirectory(settings.WorkFolder);
        return new FFOptions
        {
            BinaryFolder = settings.FFmpegFolder,
            WorkingDirectory = settings.WorkFolder,
            TemporaryFilesFolder = settings.WorkFolder,
        };
    }

    /// <summary>The path as an argument: absolute, so that it can be no option, and without what the command line gives a meaning.</summary>
    public static string Argument(string path)
    {
        var full = Path.GetFullPath(path);
        return full.Contains('"') ? throw new ArgumentException($"The path '{full}' contains a quotation mark: rename the file.", nameof(path)) : full;
    }
}
