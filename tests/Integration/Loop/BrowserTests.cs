using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Integration.Loop;

/// <summary>Headless Chromium reads the pages that the demo made; their numbers are the API's.</summary>
[Collection(DemoCollection.Name)]
public sealed class BrowserTests(DemoRun demo)
{
    [Fact]
    public async Task The_dashboard_shows_the_numbers_of_the_api()
    {
        var pairs = await demo.House.Catalog.ListAsync<PairEntry>(Catalog.Pairs);
        var page = await LookAsync("/api/dashboard", "#count-localized", "#count-comprehensive", "#count-training", "#training", "#benchmarks", "#pair");

        Assert.Empty(page.Errors);
        Assert.Equal(0, page.BrokenImages);
        Assert.Equal($"{pairs.Count(pair => pair.Kind == PairKind.Localized)}", page.Texts["#count-localized"]);
        Assert.Equal($"{pairs.Count(pair => pair.Kind == PairKind.Comprehensive)}", page.Texts["#count-comprehensive"]);
        Assert.Equal($"{(await demo.House.Catalog.ListAsync<TrainingRun>(Catalog.TrainingRuns)).Count}", page.Texts["#count-training"]);
        Assert.Contains(demo.Training.Run.Result!.FirstDpoLoss.ToString("F4", CultureInfo.InvariantCulture), page.Texts["#training"]);
        Assert.Contains((100 * demo.Benchmark.Result!.Tuned.Accuracy).ToString("F1", CultureInfo.InvariantCulture), page.Texts["#benchmarks"]);
        Assert.Contains("chosen", page.Texts["#pair"]);
    }

    [Fact]
    public async Task The_report_shows_the_row_of_the_api()
    {
        var page = await LookAsync($"/api/benchmarks/{demo.Benchmark.RunId}/report", "body");

        Assert.Empty(page.Errors);
        foreach (var accuracy in new[] { demo.Benchmark.Result!.Base.Accuracy, demo.Benchmark.Result.Tuned.Accuracy })
            Assert.Contains((100 * accuracy).ToString("F1", CultureInfo.InvariantCulture), page.Texts["body"]);
        Assert.Contains(demo.Benchmark.Result.Tuned.ModelId, page.Texts["body"]);
    }

    private async Task<Page> LookAsync(string path, params string[] selectors)
    {
        var screenshot = Path.Combine(Repository.Root, ".tpo", "screenshots", path.EndsWith("report", StringComparison.Ordinal) ? "report.png" : "dashboard.png");
        Directory.CreateDirectory(Path.GetDirectoryName(screenshot)!);
        var start = new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests/Browser/look.mjs"), new Uri(demo.House.Http.BaseAddress!, path).ToString(), screenshot, .. selectors])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var browser = Process.Start(start)!;
        var error = browser.StandardError.ReadToEndAsync();
        var output = await browser.StandardOutput.ReadToEndAsync();
        await browser.WaitForExitAsync();
        Assert.True(browser.ExitCode == 0, await error);
        return JsonSerializer.Deserialize<Page>(output, JsonSerializerOptions.Web)!;
    }

    private sealed record Page(IReadOnlyDictionary<string, string> Texts, IReadOnlyList<string> Errors, int BrokenImages);
}
