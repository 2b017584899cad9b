using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace FFMpegCore;

/// <summary>The inputs of one ffmpeg command; an `OutputTo…` completes it.</summary>
public sealed class FFMpegArguments
{
    private readonly List<string> _parts = [];
    private readonly List<string> _filesToVerify = [];
    private IPipeSource? _source;

    private FFMpegArguments() { }

    public string Text => string.Join(" ", _parts);

    public static FFMpegArguments FromFileInput(string filePath, bool verifyExists = true, Action<FFMpegArgumentOptions>? addArguments = null) =>
        new FFMpegArguments().AddFileInput(filePath, verifyExists, addArguments);

    public static FFMpegArguments FromPipeInput(IPipeSource sourcePipe, Action<FFMpegArgumentOptions>? addArguments = null) =>
        new FFMpegArguments().AddPipeInput(sourcePipe, addArguments);

    public FFMpegArguments AddFileInput(string filePath, bool verifyExists = true, Action<FFMpegArgumentOptions>? addArguments = null)
    {
        if (verifyExists)
            _filesToVerify.Add(filePath);
        return WithInput($"-i \"{filePath}\"", addArguments);
    }

    public FFMpegArguments AddPipeInput(IPipeSource sourcePipe, Action<FFMpegArgumentOptions>? addArguments = null)
    {
        if (_source is not null)
            throw new NotSupportedException("Offline, one command reads at most one pipe: it is the program's standard input.");
        _source = sourcePipe;
        return WithInput($"{sourcePipe.GetStreamArguments()} -i pipe:0".TrimStart(), addArguments);
    }

    public FFMpegArgumentProcessor OutputToFile(string file, bool overwrite = true, Action<FFMpegArgumentOptions>? addArguments = null)
    {
        AddOptions(addArguments);
        _parts.Add($"\"{file}\"");
        _parts.Add(overwrite ? "-y" : "-n");
        return new FFMpegArgumentProcessor(Text, () => Verify(overwrite ? null : file), _source, sink: null);
    }

    public FFMpegArgumentProcessor OutputToPipe(IPipeSink reader, Action<FFMpegArgumentOptions>? addArguments = null)
    {
        AddOptions(addArguments);
        if (reader.GetFormat().Length > 0)
            _parts.Add($"-f {reader.GetFormat()}");
        _parts.Add("pipe:1 -y");
        return new FFMpegArgumentProcessor(Text, () => Verify(null), _source, reader);
    }

    private FFMpegArguments WithInput(string input, Action<FFMpegArgumentOptions>? addArguments)
    {
        AddOptions(addArguments);
        _parts.Add(input);
        return this;
    }

    private void AddOptions(Action<FFMpegArgumentOptions>? addArguments)
    {
        var options = new FFMpegArgumentOptions();
        addArguments?.Invoke(options);
        _parts.AddRange(options.Parts);
    }

    private void Verify(string? outputThatMustNotExist)
    {
        foreach (var file in _filesToVerify.Where(file => !File.Exists(file)))
            throw new FileNotFoundException("Input file not found", file);
        if (outputThatMustNotExist is not null && File.Exists(outputThatMustNotExist))
            throw new FFMpegException(FFMpegExceptionType.File, "Output file already exists and overwrite is disabled");
    }
}
