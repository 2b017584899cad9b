using System.Diagnostics;
using Tpo.Shared;

namespace Tpo.Tests.Integration.Media;

/// <summary>Small videos that ffmpeg draws for the tests, in a folder that is deleted afterwards.</summary>
public sealed class TestVideos : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("tpo-media").FullName;

    public TpoSettings Settings => new() { WorkFolder = Path.Combine(Folder, "work"), FFmpegFolder = Path.Combine(Repository.Root, "infra/sandbox") };

    /// <summary>A moving picture with a counter, encoded with frames out of order, and a tone.</summary>
    public Task<string> MovingAsync(string name, double seconds, string codec = "libx264 -preset ultrafast -bf 2", string size = "160x120", int fps = 25) =>
        MakeAsync(name, $"-f lavfi -i testsrc2=size={size}:rate={fps}:duration={seconds} -f lavfi -i sine=duration={seconds} -c:v {codec} -pix_fmt yuv420p");

    /// <summary>Plain scenes one after the other: the joins are the cuts.</summary>
    public Task<string> ScenesAsync(string name, params (string Colour, int Seconds)[] scenes)
    {
        var inputs = string.Join(' ', scenes.Select(scene => $"-f lavfi -i color=c={scene.Colour}:size=160x120:rate=25:duration={scene.Seconds}"));
        return MakeAsync(name, $"{inputs} -filter_complex concat=n={scenes.Length} -c:v libx264 -preset ultrafast -pix_fmt yuv420p");
    }

    public async Task<string> MakeAsync(string name, string arguments)
    {
        var path = Path.Combine(Folder, name);
        await RunAsync("ffmpeg", $"-v error -y {arguments} \"{path}\"");
        return path;
    }

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Runs a program to its end; its standard output.</summary>
    public static async Task<byte[]> RunAsync(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        using var output = new MemoryStream();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return output.ToArray();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>A test on the real clips, and it says so where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealClipsTheoryAttribute : TheoryAttribute
{
    public RealClipsTheoryAttribute()
    {
        if (!Directory.Exists(Path.Combine(Repository.Shared, "videos")))
            Skip = "needs shared/videos beside the repository";
    }
}
