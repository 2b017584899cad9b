using Tpo.GpuJob.Synthetic;
using Tpo.GpuJob.Synthetic.Suites;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Benchmarks;

/// <summary>All ten benchmarks in miniature, in their authors' formats, as they lie in storage: two short videos of the synthetic world, two questions each.</summary>
internal static class TenSuites
{
    private const int Side = 64;

    public static async Task PutAsync(TpoStorage storage, string folder)
    {
        SyntheticVideo[] videos = [.. Enumerable.Range(0, 2).Select(i => World.Video("test", 21, i, WorldShape.Short))];
        await VideoWriter.WriteAllAsync(videos, Side, Path.Combine(folder, "videos"));
        await MiniatureSuites.WriteAsync(SuiteQuestions.Of(videos, 2, 21), Side, folder);
        foreach (var slug in MiniatureSuites.Slugs)
        {
            foreach (var question in (await MiniatureSuites.LoadAsync(slug, folder)).Questions.DistinctBy(question => question.VideoPath))
            {
                var video = videos.Single(video => question.VideoPath.EndsWith($"{video.Name}.mp4", StringComparison.Ordinal));
                await storage.UploadFileAsync(Containers.Benchmarks, $"{slug}/videos/{question.VideoPath}", Path.Combine(folder, "videos", $"{video.Name}.mp4"));
            }
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, slug)))
                await storage.UploadFileAsync(Containers.Benchmarks, $"{slug}/{Path.GetFileName(file)}", file);
        }
        // Random words match no rule of TempCompass, and here is no judge for them.
        await storage.WriteTextAsync(Containers.Benchmarks, $"tempcompass/{BenchmarkSuites.DeclarationFile}", """{"benchmark": "tempcompass", "protocol": "rules alone"}""", "application/json");
    }
}
