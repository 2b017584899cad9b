using System.Globalization;

namespace FFMpegCore;

/// <summary>The options before one input or output, in the order given.</summary>
public sealed class FFMpegArgumentOptions
{
    internal FFMpegArgumentOptions() { }

    internal List<string> Parts { get; } = [];

    public FFMpegArgumentOptions WithCustomArgument(string argument) => With(argument);
    public FFMpegArgumentOptions ForceFormat(string format) => With($"-f {format}");
    public FFMpegArgumentOptions ForcePixelFormat(string pixelFormat) => With($"-pix_fmt {pixelFormat}");
    public FFMpegArgumentOptions WithVideoCodec(string videoCodec) => With($"-c:v {videoCodec}");
    public FFMpegArgumentOptions WithFramerate(double framerate) => With($"-r {framerate.ToString(CultureInfo.InvariantCulture)}");
    public FFMpegArgumentOptions WithFrameOutputCount(int frames) => With($"-vframes {frames}");

    private FFMpegArgumentOptions With(string part)
    {
        Parts.Add(part);
        return this;
    }
}
