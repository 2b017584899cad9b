using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>One set of questions as all ten benchmarks in miniature, each in a folder of its own (`FOLDER/video-mme/…`), in its authors' formats.</summary>
public static class MiniatureSuites
{
    private static readonly Dictionary<string, Func<IReadOnlyList<SuiteQuestion>, IEnumerable<(string File, JsonNode Content)>>> Writers = new()
    {
        [VideoHallucer.Benchmark.Slug] = VideoHallucerFiles.Of,
        [MvBench.Benchmark.Slug] = TaskFiles.OfMvBench,
        [TempCompass.Benchmark.Slug] = TempCompassFiles.Of,
        [TvBench.Benchmark.Slug] = TaskFiles.OfTvBench,
        [VidHalluc.Benchmark.Slug] = VidHallucFiles.Of,
        [EventHallusion.Benchmark.Slug] = EventHallusionFiles.Of,
    };

    /// <summary>The suites' folders and slugs.</summary>
    public static IReadOnlyList<string> Slugs { get; } =
        [LongVideoBench.Benchmark.Slug, Mlvu.Benchmark.Slug, VideoMme.Benchmark.Slug, NextGqa.Benchmark.Slug, .. Writers.Keys];

    public static async Task WriteAsync(IReadOnlyList<SuiteQuestion> questions, int side, string folder, CancellationToken cancel = default)
    {
        string Folder(Benchmark benchmark) => Directory.CreateDirectory(Path.Combine(folder, benchmark.Slug)).FullName;
        await LongVideoBenchFile.WriteAsync(questions, Folder(LongVideoBench.Benchmark), cancel);
        await MlvuFiles.WriteAsync(questions, Folder(Mlvu.Benchmark), cancel);
        await VideoMmeFile.WriteAsync(questions, Folder(VideoMme.Benchmark), cancel);
        await NextGqaFiles.WriteAsync(questions, side, Folder(NextGqa.Benchmark), cancel);
        foreach (var (slug, write) in Writers)
        {
            Directory.CreateDirectory(Path.Combine(folder, slug));
            foreach (var (file, content) in write(questions))
                await SuiteWriter.WriteJsonAsync(content, Path.Combine(folder, slug, file), cancel);
        }
    }

    /// <summary>Reads a suite's folder with the benchmark's ordinary loader.</summary>
    public static async Task<BenchmarkFile> LoadAsync(string slug, string folder, CancellationToken cancel = default)
    {
        var benchmark = KnownBenchmarks.Find(slug) ?? throw new ArgumentException($"There is no benchmark '{slug}'.", nameof(slug));
        var files = new List<AnnotationFile>();
        foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, slug)).Order(StringComparer.Ordinal))
            files.Add(await AnnotationFile.ReadAsync(path, cancel));
        return benchmark.Load(files);
    }

    /// <summary>A list of texts as JSON.</summary>
    internal static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
