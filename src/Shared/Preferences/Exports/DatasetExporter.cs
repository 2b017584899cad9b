using System.Text;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>What an export wrote. Blob names are inside the `datasets` container.</summary>
public sealed record DatasetExport(string Format, string Tool, int Rows, IReadOnlyList<string> Blobs);

/// <summary>Writes dataset versions in the forms of training tools, beside the version: `{name}/{version}/exports/{format}/`.</summary>
public sealed class DatasetExporter(TpoStorage storage)
{
    /// <param name="videoRoot">what stands in front of a video's name in the rows: a folder or an address where the tool finds the `videos` container's content</param>
    /// <returns>null where there is no such version</returns>
    public async Task<DatasetExport?> ExportAsync(string name, string version, PairFormat format, string videoRoot, CancellationToken cancellation)
    {
        if (!DatasetBuilder.IsName(name) || !DatasetBuilder.IsName(version) || !await storage.ExistsAsync(Containers.Datasets, DatasetBlobs.Card(name, version), cancellation))
            return null;
        var pairs = await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.Pairs(name, version), cancellation);
        var root = videoRoot.Length == 0 || videoRoot.EndsWith('/') ? videoRoot : videoRoot + "/";
        var files = new Dictionary<string, byte[]> { [format.FileName] = await format.FileAsync(pairs, pair => root + pair.VideoBlob, cancellation) };
        foreach (var (file, content) in format.Beside)
            files[file] = Encoding.UTF8.GetBytes(content.ToJsonString(TpoJson.Indented) + "\n");
        foreach (var (file, content) in files)
            await storage.WriteBytesAsync(Containers.Datasets, Blob(file), content, Path.GetExtension(file) == ".parquet" ? "application/vnd.apache.parquet" : "application/json", cancellation);
        return new DatasetExport(format.Id, format.Tool, pairs.Count, [.. files.Keys.Select(Blob)]);

        string Blob(string file) => $"{name}/{version}/exports/{format.Id}/{file}";
    }
}
