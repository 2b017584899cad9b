using System.Security.Cryptography;
using System.Text;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>A suite as it lies in storage.</summary>
/// <param name="Sha256">of the annotation file's text</param>
public sealed record BenchmarkSuite(string Name, string Sha256, BenchmarkFile File);

/// <summary>Suites in the `benchmarks` container: `{suite}/lvb_val.json` as its authors publish it, `{suite}/videos/*`.</summary>
public sealed class BenchmarkSuites(TpoStorage storage)
{
    public static string VideoBlob(string suite, string videoPath) => $"{suite}/videos/{videoPath}";

    /// <summary>The suite, or null where there is none of that name.</summary>
    public async Task<BenchmarkSuite?> TryLoadAsync(string suite, CancellationToken cancellation)
    {
        if (!BlobPaths.IsSegment(suite))
            return null;
        var text = await storage.TryReadTextAsync(Containers.Benchmarks, $"{suite}/{LongVideoBench.FileName}", cancellation);
        return text is null ? null : new BenchmarkSuite(
            suite, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), LongVideoBench.Load(text, $"{suite}/{LongVideoBench.FileName}"));
    }
}
