namespace Tpo.Shared.Models;

/// <summary>
/// Where a model's weight files really lie. A download cache keeps symbolic links in the model's folder and the files elsewhere; ONNX
/// Runtime follows no link out of the folder that it is given, so it is given the real one.
/// </summary>
public sealed class WeightPlace
{
    private readonly string _modelFolder;
    private readonly IReadOnlyDictionary<string, string> _paths;

    private WeightPlace(string modelFolder, IReadOnlyDictionary<string, string> paths) => (_modelFolder, _paths) = (modelFolder, paths);

    /// <summary>The folders that files lie in.</summary>
    public IReadOnlyList<string> Folders => [.. _paths.Values.Select(path => Path.GetDirectoryName(path)!).Distinct()];

    /// <summary>The one folder of all files.</summary>
    /// <exception cref="InvalidDataException">they lie in several</exception>
    public string Folder => Folders is [var folder] ? folder : throw new InvalidDataException(
        $"The weight files of '{_modelFolder}' are symbolic links into several folders ({string.Join(", ", Folders)}), and ONNX Runtime reads weights from one. "
        + $"Put the files themselves into one folder, for example: cp -rL {_modelFolder} ANOTHER_FOLDER.");

    /// <summary>The real file behind a name in the model's folder.</summary>
    public string PathOf(string name) => _paths[name];

    /// <summary>Every file with its fingerprint.</summary>
    /// <param name="pointedInto">whether graphs name the files themselves, which they do by the real files' names</param>
    public IReadOnlyList<ServedFile> Describe(bool pointedInto) =>
        [.. _paths.Select(file => new ServedFile(file.Key, pointedInto ? Path.GetFileName(file.Value) : file.Key, WeightFingerprint.Of(file.Value)))];

    public static WeightPlace Find(string modelFolder) =>
        new(modelFolder, new SortedDictionary<string, string>(WeightFiles.List(modelFolder).ToDictionary(name => name, name => RealPath(Path.Combine(modelFolder, name))), StringComparer.Ordinal));

    /// <summary>The path without symbolic links in any part of it.</summary>
    private static string RealPath(string path)
    {
        const int mostLinks = 40;
        var rest = new Stack<string>(Parts(Path.GetFullPath(path)));
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
            foreach (var step in Parts(target))
                rest.Push(step);
        }
        return real;

        static IEnumerable<string> Parts(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
    }
}
