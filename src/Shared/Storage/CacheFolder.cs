namespace Tpo.Shared.Storage;

/// <summary>Files of this machine that may be made again at any time.</summary>
public static class CacheFolder
{
    /// <summary>The files not used for longest make room, until the others have no more than so many bytes; `newest` stays.</summary>
    public static void MakeRoom(string folder, string pattern, long bytes, string newest)
    {
        foreach (var file in new DirectoryInfo(folder).GetFiles(pattern).OrderByDescending(file => file.LastAccessTimeUtc))
        {
            bytes -= file.Length;
            if (bytes < 0 && file.Name != Path.GetFileName(newest))
                file.Delete();
        }
    }
}
