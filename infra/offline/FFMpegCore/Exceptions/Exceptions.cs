namespace FFMpegCore.Exceptions;

public enum FFMpegExceptionType
{
    Conversion,
    File,
    Operation,
    Process,
}

/// <summary>ffmpeg or ffprobe could not do what was asked; what the program wrote to its error stream is kept.</summary>
public class FFMpegException : Exception
{
    public FFMpegException(FFMpegExceptionType type, string message, Exception? innerException = null, string ffMpegErrorOutput = "")
        : base(message, innerException)
    {
        Type = type;
        FFMpegErrorOutput = ffMpegErrorOutput;
    }

    public FFMpegException(FFMpegExceptionType type, string message, string ffMpegErrorOutput) : this(type, message, null, ffMpegErrorOutput) { }

    public FFMpegException(FFMpegExceptionType type, string message) : this(type, message, null, "") { }

    public FFMpegExceptionType Type { get; }
    public string FFMpegErrorOutput { get; }
}

public class FFProbeException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>ffprobe ended well but told of no format.</summary>
public class FormatNullException() : FFProbeException("Format not specified");
