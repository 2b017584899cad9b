using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tpo.Tests.Integration.Experiment;

/// <summary>The short version of `./tpo experiment --check`: fewer videos, so wider goals; the whole one prints what the model card states.</summary>
public sealed class ExperimentTests(ExperimentRun run) : IClassFixture<ExperimentRun>
{
    private readonly IReadOnlyDictionary<string, double> _shares = run.Shares;
    private readonly string _output = run.Output;

    [Fact]
    public void The_shipped_model_names_what_single_frames_show_and_answers_from_the_right_frames_in_the_words_of_four_benchmarks()
    {
        Assert.True(_shares["single-frame captions, exact"] >= 95, _output);
        Assert.True(_shares["oracle evidence of the long questions"] >= 90, _output);
    }

    /// <summary>What preference training is for: the right part of a long video is answered, the whole is not.</summary>
    [Fact]
    public void It_is_good_on_short_videos_in_all_four_forms_and_weak_on_long_ones()
    {
        foreach (var benchmark in new[] { "LongVideoBench", "MLVU", "Video-MME", "NExT-GQA" })
            Assert.InRange(_shares[$"short, {benchmark}"], 88, 100);
        Assert.InRange(_shares["short, open answers, exact"], 72, 100);
        Assert.InRange(_shares["long"], 35, 65);
        Assert.True(_shares["oracle evidence of the long questions"] >= _shares["long"] + 25, _output);
    }

    [Fact]
    public void Without_the_video_or_with_one_frame_of_it_it_guesses()
    {
        foreach (var material in new[] { "short", "long" })
            foreach (var shortcut in new[] { "no video", "one frame (the middle one)", "the most frequent letter" })
                Assert.InRange(_shares[$"{material}, {shortcut}"], 15, 35);
    }
}

/// <summary>One run of the check for all tests: it renders and asks for half a minute.</summary>
public sealed partial class ExperimentRun : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-experiment-").FullName;

    public IReadOnlyDictionary<string, double> Shares { get; private set; } = new Dictionary<string, double>();
    public string Output { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var model = Path.Combine(_folder, "tpo-nano");
        Directory.CreateDirectory(model);
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "infra", "local", "models", "tpo-nano")))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        await JobAsync("export", "--model", model);
        Output = await JobAsync("experiment", "--check", "--model", model, "--home", Path.Combine(_folder, "videos"), "--short-videos", "40", "--long-videos", "24");
        Shares = RowPattern().Matches(Output).ToDictionary(row => row.Groups[1].Value.Trim(), row => double.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>What the job printed. A check of so few videos may miss a goal, which is exit code 1.</summary>
    private static async Task<string> JobAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Tpo.GpuJob.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["Tpo__FFmpegFolder"] = Path.Combine(Repository.Root, "infra", "sandbox");
        using var job = Process.Start(start)!;
        var errors = job.StandardError.ReadToEndAsync();
        var output = await job.StandardOutput.ReadToEndAsync();
        await job.WaitForExitAsync();
        Assert.True(job.ExitCode is 0 or 1 && (await errors).Length == 0, output + await errors);
        return output;
    }

    [GeneratedRegex(@"^\| ([^|]+) \| ([\d.]+) % \[", RegexOptions.Multiline)]
    private static partial Regex RowPattern();
}
