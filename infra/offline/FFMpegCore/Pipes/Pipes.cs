namespace FFMpegCore.Pipes;

/// <summary>Where a program's output goes.</summary>
public interface IPipeSink
{
    Task ReadAsync(Stream inputStream, CancellationToken cancellationToken);
    string GetFormat();
}

/// <summary>Where a program's input comes from.</summary>
public interface IPipeSource
{
    string GetStreamArguments();
    Task WriteAsync(Stream outputStream, CancellationToken cancellationToken);
}

/// <summary>Hands the output to a function, or copies it to a stream.</summary>
public class StreamPipeSink : IPipeSink
{
    public StreamPipeSink(Func<Stream, CancellationToken, Task> writer) => Writer = writer;

    public StreamPipeSink(Stream destination) => Writer = (stream, cancellation) => stream.CopyToAsync(destination, BlockSize, cancellation);

    public Func<Stream, CancellationToken, Task> Writer { get; }
    public int BlockSize { get; set; } = 4096;
    public string Format { get; set; } = string.Empty;

    public Task ReadAsync(Stream inputStream, CancellationToken cancellationToken) => Writer(inputStream, cancellationToken);

    public string GetFormat() => Format;
}

/// <summary>Copies a stream into the program's input.</summary>
public class StreamPipeSource(Stream source) : IPipeSource
{
    public Stream Source { get; } = source;
    public int BlockSize { get; } = 4096;
    public string StreamFormat { get; } = string.Empty;

    public string GetStreamArguments() => StreamFormat;

    public Task WriteAsync(Stream outputStream, CancellationToken cancellationToken) => Source.CopyToAsync(outputStream, BlockSize, cancellationToken);
}
