using System.Diagnostics;

namespace Tpo.Tests.Integration.Media;

/// <summary>What the wrappers in infra/sandbox promise about an untrusted file's decoder.</summary>
public sealed class SandboxTests : IDisposable
{
    private readonly TestVideos _videos = new();

    private static string Wrapper(string name) => Path.Combine(Repository.Root, "infra/sandbox", name);

    [Theory]
    [InlineData("http://127.0.0.1:9/x.mp4")]
    [InlineData("concat:/etc/hostname|/etc/hostname")]
    [InlineData("subfile,,start,0,end,9,,:/etc/hostname")]
    public async Task Only_local_files_are_opened(string input)
    {
        var (code, errors) = await FailAsync("ffmpeg", $"-v error -i \"{input}\" -f null -");
        Assert.NotEqual(0, code);
        Assert.Contains("not on whitelist", errors);
    }

    [Fact]
    public async Task Memory_is_limited()
    {
        var path = await _videos.MovingAsync("big.mp4", 1, size: "1280x720");
        var (code, _) = await FailAsync("ffmpeg", $"-v error -i \"{path}\" -f null -", ("TPO_MEDIA_MEMORY", "150000000"));
        Assert.NotEqual(0, code);
    }

    [Fact]
    public async Task A_killed_program_takes_its_decoder_with_it()
    {
        var path = await _videos.MovingAsync("moving.mp4", 2);
        // A parent that is killed -9 while its decoder reads in real time, for ever; both write down who they are.
        var mark = Path.Combine(_videos.Folder, "decoder-pid");
        using var parent = Process.Start(new ProcessStartInfo(
            "bash", ["-c", $"'{Wrapper("ffmpeg")}' -v error -stream_loop -1 -re -i '{path}' -f null - & echo $! > '{mark}'; wait"]))!;
        await Task.Delay(1500);
        var wrapper = int.Parse(File.ReadAllText(mark));
        var decoder = int.Parse(File.ReadAllText($"/proc/{wrapper}/task/{wrapper}/children").Split(' ')[0]);
        Assert.True(Directory.Exists($"/proc/{decoder}"));

        parent.Kill();
        for (var wait = 0; wait < 50 && Runs(decoder); wait++)
            await Task.Delay(100);
        Assert.False(Runs(decoder), "ffmpeg outlived the program that started it.");
    }

    private static bool Runs(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ");
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Errors)> FailAsync(string name, string arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Wrapper(name), arguments) { RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }

    public void Dispose() => _videos.Dispose();
}
