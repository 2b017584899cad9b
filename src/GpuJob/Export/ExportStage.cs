using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>
/// Puts an export into its folder: big files are made in a folder inside it and moved when everything is known to be right. The manifest is
/// the first to go and the last to come, so that nobody opens half an export; what is there already just as it should be stays.
/// </summary>
internal sealed class ExportStage : IDisposable
{
    private readonly string _partial;
    private readonly FileStream _lock;
    private readonly bool _madeFolder;
    private ExportedFile? _weights;

    /// <summary>The earlier export, where its converted weights are kept.</summary>
    public ServingManifest? Kept { get; private set; }

    /// <exception cref="InvalidDataException">another export is writing there, or nobody may</exception>
    public ExportStage(string folder)
    {
        Folder = folder;
        _madeFolder = !Directory.Exists(folder);
        _partial = Path.Combine(folder, ".partial");
        try
        {
            Directory.CreateDirectory(folder);
            _lock = new FileStream(Path.Combine(folder, ".exporting"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"'{folder}' cannot be written to, or another export is writing into it: {e.Message}", e);
        }
        // A killed export leaves its unfinished files behind.
        Clear();
        Directory.CreateDirectory(_partial);
    }

    public string Folder { get; }

    /// <summary>Where the converted weights lie until they are put in place.</summary>
    public string WeightFolder => _weights is { Reused: true } ? Folder : _partial;

    /// <summary>The converted weights: those of an earlier export of the same, or written now.</summary>
    /// <param name="header">the beginning of the file, which says what tensors it has, where and of which type</param>
    public ServedFile Weights(ServingManifest wanted, byte[] header, Action<string> write)
    {
        var kept = Path.Combine(Folder, ServingManifest.ConvertedFile);
        if (Earlier() is { Converted: { } converted } earlier && earlier.Revision == wanted.Revision
            && File.Exists(kept) && BeginsWith(kept, header) && Fingerprint(kept) == converted.Fingerprint)
            Kept = earlier;
        var reused = Kept is not null;
        var path = reused ? kept : Path.Combine(_partial, ServingManifest.ConvertedFile);
        if (!reused)
            write(path);
        _weights = new ExportedFile(ServingManifest.ConvertedFile, new FileInfo(path).Length, reused);
        return new ServedFile(ServingManifest.ConvertedFile, ServingManifest.ConvertedFile, WeightFingerprint.Of(path));
    }

    /// <summary>The whole export in its unfinished folder, so that it can be tried.</summary>
    public string Assemble(IReadOnlyDictionary<string, byte[]> graphs, ServingManifest manifest)
    {
        foreach (var (name, bytes) in graphs)
            File.WriteAllBytes(Path.Combine(_partial, name), bytes);
        File.WriteAllBytes(Path.Combine(_partial, ServingManifest.FileName), manifest.ToBytes());
        return _partial;
    }

    public IReadOnlyList<ExportedFile> Put(IReadOnlyDictionary<string, byte[]> graphs, ServingManifest manifest)
    {
        var contents = new Dictionary<string, byte[]>(graphs) { [ServingManifest.FileName] = manifest.ToBytes() };
        List<ExportedFile> files = [.. contents.Select(file => new ExportedFile(file.Key, file.Value.Length, IsThere(file.Key, file.Value)))];
        if (_weights is not null)
            files.Add(_weights);
        if (files.All(file => file.Reused))
            return files;

        try
        {
            Assemble(graphs, manifest);
            File.Delete(Path.Combine(Folder, ServingManifest.FileName));
            if (_weights is null)
                File.Delete(Path.Combine(Folder, ServingManifest.ConvertedFile));
            foreach (var name in files.Select(file => file.Name).Where(name => File.Exists(Path.Combine(_partial, name))).OrderBy(name => name == ServingManifest.FileName))
                File.Move(Path.Combine(_partial, name), Path.Combine(Folder, name), overwrite: true);
        }
        catch (IOException e)
        {
            throw new InvalidDataException($"The export could not be put into '{Folder}': {e.Message}", e);
        }
        return files;
    }

    public void Dispose()
    {
        Clear();
        _lock.Dispose();
        if (_madeFolder && !Directory.EnumerateFileSystemEntries(Folder).Any())
            Directory.Delete(Folder);
    }

    private void Clear()
    {
        if (Directory.Exists(_partial))
            Directory.Delete(_partial, recursive: true);
    }

    private bool IsThere(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        return File.Exists(path) && new FileInfo(path).Length == bytes.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes);
    }

    private static bool BeginsWith(string path, byte[] header)
    {
        using var file = File.OpenRead(path);
        var beginning = new byte[header.Length];
        return file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false) == header.Length && beginning.AsSpan().SequenceEqual(header);
    }

    private ServingManifest? Earlier()
    {
        try
        {
            return ServingManifest.Read(Folder);
        }
        catch (StaleExportException)
        {
            return null;
        }
    }

    private static string? Fingerprint(string path)
    {
        try
        {
            return WeightFingerprint.Of(path);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
