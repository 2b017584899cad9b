using System.CommandLine;
using System.Security.Cryptography;
using Spectre.Console;
using Tpo.Shared.Storage;

namespace Tpo.Cli.Verbs;

/// <summary>`upload PATH...`: files and folders into the `videos` container; the blob trigger does the rest.</summary>
internal static class UploadVerb
{
    private static readonly HashSet<string> VideoEndings = new(StringComparer.OrdinalIgnoreCase)
        { ".mp4", ".mkv", ".webm", ".mov", ".avi", ".mpg", ".mpeg", ".ts", ".ogg", ".ogv", ".m4v" };

    private static readonly HashSet<string> SubtitleEndings = new(StringComparer.OrdinalIgnoreCase) { ".srt", ".vtt" };

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "video files, subtitle files or folders of them", Arity = ArgumentArity.OneOrMore };
        var into = new Option<string>("--into") { Description = "folder inside the container", DefaultValueFactory = _ => "" };
        var command = new Command("upload", "Put videos (and their .srt/.vtt) into the `videos` container; curation starts by itself.") { paths, into };
        command.SetAction(async (parse, cancellation) =>
        {
            var files = Find(parse.GetRequiredValue(paths));
            var names = await UploadAsync(files, parse.GetRequiredValue(into), cancellation);
            AnsiConsole.MarkupLineInterpolated($"{names.Count} videos uploaded; ./tpo status shows their curation.");
            return 0;
        });
        return command;
    }

    /// <summary>The video and subtitle files under the paths, in a stable order.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
                files.AddRange(Directory.EnumerateFiles(path).Where(file => IsVideo(file) || IsSubtitle(file)).Order(StringComparer.Ordinal));
            else if (File.Exists(path))
                files.Add(path);
            else
                throw new CliFailure($"'{path}' does not exist.");
        }
        if (!files.Any(file => !IsSubtitle(file)))
            throw new CliFailure($"There are no videos ({string.Join(' ', VideoEndings)}) in: {string.Join(' ', paths)}");
        return files;
    }

    /// <summary>Uploads subtitles first, so that a video finds its own; returns the blob names of the videos.</summary>
    public static async Task<IReadOnlyList<string>> UploadAsync(IReadOnlyList<string> files, string into, CancellationToken cancellation)
    {
        var storage = Surroundings.Storage();
        var videos = new List<string>();
        await AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("uploading", maxValue: files.Count);
            foreach (var file in files.OrderByDescending(IsSubtitle))
            {
                var name = into.Length == 0 ? Path.GetFileName(file) : $"{into.Trim('/')}/{Path.GetFileName(file)}";
                if (!await IsThereAsync(storage, name, file, cancellation))
                    await storage.UploadFileAsync(Containers.Videos, name, file, cancellation);
                if (!IsSubtitle(file))
                    videos.Add(name);
                task.Increment(1);
            }
        });
        return videos;
    }

    /// <summary>The same bytes under the same name need no second upload (which would start a second curation).</summary>
    private static async Task<bool> IsThereAsync(TpoStorage storage, string name, string file, CancellationToken cancellation)
    {
        var blob = storage.Container(Containers.Videos).GetBlobClient(name);
        if (!await blob.ExistsAsync(cancellation))
            return false;
        var there = (await blob.GetPropertiesAsync(cancellationToken: cancellation)).Value.ContentHash;
        await using var stream = File.OpenRead(file);
        var here = await MD5.HashDataAsync(stream, cancellation);
        return there is not null && here.AsSpan().SequenceEqual(there);
    }

    private static bool IsVideo(string file) => VideoEndings.Contains(Path.GetExtension(file));

    private static bool IsSubtitle(string file) => SubtitleEndings.Contains(Path.GetExtension(file));
}
