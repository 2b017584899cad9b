namespace Tpo.Shared.Models;

/// <summary>
/// The one real folder in which a model's weight files lie, and what they are called there. A download cache keeps symbolic links in the
/// model's folder and the files elsewhere; ONNX Runtime follows no link out of the folder that it is given, so it is given the real one.
/// </summary>
public sealed class WeightPlace
{
    private readonly IReadOnlyList<(string Name, string Location)> _files;

    private WeightPlace(string folder, IReadOnlyList<(string Name, string Location)> files) => (Folder, _files) = (folder, files);

    public string Folder { get; }

    /// <summary>A weight file's name there, by its name in the model's folder.</summary>
    public string LocationOf(string name) => _files.Single(file => file.Name == name).Location;

    /// <summary>Every file with its fingerprint.</summary>
    public IReadOnlyList<ServedFile> Describe() =>
        [.. _files.Select(file => new ServedFile(file.Name, file.Location, WeightFingerprint.Of(Path.Combine(Folder, file.Location))))];

    /// <exception cref="InvalidDataException">the files lie in several folders</exception>
    public static WeightPlace Find(string modelFolder)
    {
        (string Name, string Path)[] real = [.. WeightFiles.List(modelFolder).Select(name => (name, RealPath(Path.Combine(modelFolder, name))))];
        string[] folders = [.. real.Select(file => Path.GetDirectoryName(file.Path)!).Distinct()];
        return folders is [var folder]
            ? new WeightPlace(folder, [.. real.Select(file => (file.Name, Path.GetFileName(file.Path)))])
            : throw new InvalidDataException(
                $"The weight files of '{modelFolder}' are symbolic links into several folders ({string.Join(", ", folders)}), and ONNX Runtime reads weights from one. "
                + $"Put the files themselves into one folder, for example: cp -rL {modelFolder} ANOTHER_FOLDER.");
    }

    /// <summary>The path without symbolic links in any part of it.</summary>
    private static string RealPath(string path)
    {
        const int mostLinks = 40;
        var rest = new Stack<string>(Path.GetFullPath(path).Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse());
        var real = Path.GetPathRoot(Path.GetFullPath(path))!;
        for (var links = 0; rest.TryPop(out var part);)
        {
            var next = part == ".." ? Path.GetDirectoryName(real) ?? real : part == "." ? real : Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > mostLinks)
                throw new InvalidDataException($"'{path}' is a circle of symbolic links.");
            if (Path.IsPathRooted(target))
                real = Path.GetPathRoot(target)!;
            foreach (var step in target.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse())
                rest.Push(step);
        }
        return real;
    }
}
