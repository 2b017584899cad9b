using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>A suite as it lies in storage.</summary>
/// <param name="Sha256">of the annotation files' texts</param>
/// <param name="Protocol">how it is asked and scored where a request names nothing</param>
public sealed record BenchmarkSuite(
    string Name, string Sha256, Benchmark Benchmark, BenchmarkProtocol Protocol, BenchmarkFile File, IReadOnlyList<AnnotationFile> Annotations);

/// <summary>`{suite}/suite.json`: which benchmark a suite is of, where its name does not say.</summary>
/// <param name="Benchmark">its slug, "video-mme"</param>
/// <param name="Protocol">a part of the protocol's name that no other has; null = the first</param>
public sealed record SuiteDeclaration(string Benchmark, string? Protocol = null);

/// <summary>
/// Suites in the `benchmarks` container: `{suite}/` holds a benchmark's annotation files as their authors publish them, `{suite}/videos/` the videos. Its
/// benchmark is the one of its name ("video-mme"), or the one that `{suite}/suite.json` names; a suite with neither and `lvb_val.json` is LongVideoBench's.
/// </summary>
public sealed class BenchmarkSuites(TpoStorage storage)
{
    public const string DeclarationFile = "suite.json";

    private static readonly string[] Endings = [".json", ".jsonl", ".csv", ".parquet"];

    public static string VideoBlob(string suite, string videoPath) => $"{suite}/videos/{videoPath}";
    public static string SubtitleBlob(string suite, string videoId) => $"{suite}/subtitle/{videoId}.srt";

    /// <summary>How a suite comes to be, for whoever has none.</summary>
    public static string HowTo(string suite) =>
        $"put a benchmark's annotation files into '{suite}/' of the container '{Containers.Benchmarks}', its videos into '{suite}/videos/', and where '{suite}' is none of "
        + $"{string.Join(", ", KnownBenchmarks.All.Select(benchmark => benchmark.Slug))}, a '{suite}/{DeclarationFile}' that names the benchmark, as {{\"benchmark\": \"mlvu\"}}";

    /// <summary>The suite, or null where there is none of that name.</summary>
    /// <exception cref="InvalidDataException">Its declaration or a parquet file cannot be read.</exception>
    public async Task<BenchmarkSuite?> TryLoadAsync(string suite, CancellationToken cancellation)
    {
        if (!BlobPaths.IsSegment(suite))
            return null;
        var declared = await DeclarationAsync(suite, cancellation);
        var benchmark = declared is null ? KnownBenchmarks.Find(suite) : Find(suite, declared);
        var annotations = benchmark is not null
            ? await AnnotationsAsync(suite, cancellation)
            : await storage.TryReadTextAsync(Containers.Benchmarks, $"{suite}/{LongVideoBench.FileName}", cancellation) is { } text
                ? [new AnnotationFile($"{suite}/{LongVideoBench.FileName}", text)] : [];
        if (annotations.Count == 0)
            return null;
        benchmark ??= LongVideoBench.Benchmark;
        return new BenchmarkSuite(suite, Hash(annotations), benchmark, Protocol(suite, benchmark, declared), benchmark.Load(annotations), annotations);
    }

    private async Task<SuiteDeclaration?> DeclarationAsync(string suite, CancellationToken cancellation)
    {
        var name = $"{suite}/{DeclarationFile}";
        if (await storage.TryReadTextAsync(Containers.Benchmarks, name, cancellation) is not { } text)
            return null;
        try
        {
            return JsonSerializer.Deserialize<SuiteDeclaration>(text, TpoJson.Options) is { Benchmark.Length: > 0 } declared
                ? declared : throw new InvalidDataException($"{name}: the field 'benchmark' is missing.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name}: {e.Message}", e);
        }
    }

    private static Benchmark Find(string suite, SuiteDeclaration declared) => KnownBenchmarks.Find(declared.Benchmark)
        ?? throw new InvalidDataException(
            $"{suite}/{DeclarationFile}, field 'benchmark' is '{declared.Benchmark}', which is none of {string.Join(", ", KnownBenchmarks.All.Select(known => known.Slug))}.");

    private static BenchmarkProtocol Protocol(string suite, Benchmark benchmark, SuiteDeclaration? declared)
    {
        var (found, problem) = benchmark.Choose(declared?.Protocol);
        return found ?? throw new InvalidDataException($"{suite}/{DeclarationFile}, field 'protocol': {problem}");
    }

    /// <summary>The files that lie in the suite's folder itself, in the order of their names.</summary>
    private async Task<IReadOnlyList<AnnotationFile>> AnnotationsAsync(string suite, CancellationToken cancellation)
    {
        var files = new List<AnnotationFile>();
        foreach (var name in (await storage.ListAsync(Containers.Benchmarks, $"{suite}/", cancellation)).Order(StringComparer.Ordinal))
        {
            var file = name[(suite.Length + 1)..];
            if (file.Contains('/') || file == DeclarationFile || !Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                continue;
            using var bytes = new MemoryStream();
            await storage.Container(Containers.Benchmarks).GetBlobClient(name).DownloadToAsync(bytes, cancellation);
            bytes.Position = 0;
            files.Add(await AnnotationFile.ReadAsync(name, bytes, cancellation));
        }
        return files;
    }

    /// <summary>Of a single file its text's; of several, of their names and texts.</summary>
    private static string Hash(IReadOnlyList<AnnotationFile> files)
    {
        static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return files is [var only] ? Of(only.Text) : Of(string.Concat(files.Select(file => $"{Path.GetFileName(file.Name)} {Of(file.Text)}\n")));
    }
}
