namespace FFMpegCore;

/// <summary>Where the programs lie and where they run.</summary>
public sealed class FFOptions
{
    /// <summary>Folder of ffmpeg and ffprobe; empty = those on the PATH.</summary>
    public string BinaryFolder { get; set; } = string.Empty;

    public string WorkingDirectory { get; set; } = string.Empty;

    public string TemporaryFilesFolder { get; set; } = Path.GetTempPath();

    internal string Program(string name) => BinaryFolder.Length == 0 ? name : Path.Combine(BinaryFolder, name);
}
