using System.Text;
using System.Text.Json;

namespace Tpo.Shared.Storage;

/// <summary>
/// The read model of lists and counts: one append-only index a kind in the `catalog` container, newest line of a key wins.
/// Pages and GET lists read this and never list blobs. Appending the same record twice is harmless.
/// </summary>
public sealed class Catalog(TpoStorage storage)
{
    private readonly AppendLog _log = new(storage, Containers.Catalog);

    public const string Videos = "videos";
    public const string Pairs = "pairs";
    public const string Rejected = "rejected";
    public const string Reviews = "reviews";
    public const string Datasets = "datasets";
    public const string TrainingRuns = "training";
    public const string BenchmarkRuns = "benchmarks";
    public const string BenchmarkVideos = "benchmark-videos";
    public const string Models = "models";
    /// <summary>Where `latest` points, one key; the log keeps where it pointed before.</summary>
    public const string LatestModel = "latest-model";
    public const string Gates = "gates";

    public async Task PutAsync<T>(string kind, string key, T record, CancellationToken cancellation = default) =>
        await PutManyAsync(kind, [(key, record)], cancellation);

    public async Task PutManyAsync<T>(string kind, IEnumerable<(string Key, T Record)> records, CancellationToken cancellation = default)
    {
        var lines = new StringBuilder();
        foreach (var (key, record) in records)
            lines.Append(JsonSerializer.Serialize(new Line<T>(key, record), TpoJson.Options)).Append('\n');
        if (lines.Length == 0)
            return;
        await _log.AppendAsync(LogName(kind), Encoding.UTF8.GetBytes(lines.ToString()), cancellation);
    }

    /// <summary>The newest record of every key, in order of first appearance.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string kind, CancellationToken cancellation = default)
    {
        var lines = await LinesAsync<T>(kind, cancellation);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var newest = new List<T>();
        foreach (var line in lines)
        {
            if (places.TryGetValue(line.Key, out var place))
                newest[place] = line.Record;
            else
            {
                places[line.Key] = newest.Count;
                newest.Add(line.Record);
            }
        }
        return newest;
    }

    public async Task<T?> FindAsync<T>(string kind, string key, CancellationToken cancellation = default) where T : class =>
        (await LinesAsync<T>(kind, cancellation)).LastOrDefault(line => line.Key == key)?.Record;

    /// <summary>Every record that was ever put under the key, oldest first.</summary>
    public async Task<IReadOnlyList<T>> HistoryAsync<T>(string kind, string key, CancellationToken cancellation = default) =>
        [.. (await LinesAsync<T>(kind, cancellation)).Where(line => line.Key == key).Select(line => line.Record)];

    private async Task<IReadOnlyList<Line<T>>> LinesAsync<T>(string kind, CancellationToken cancellation) =>
        [.. (await _log.ReadAsync(LogName(kind), cancellation)).Select(line => JsonSerializer.Deserialize<Line<T>>(line, TpoJson.Options)!)];

    private static string LogName(string kind) => $"{kind}.jsonl";

    private sealed record Line<T>(string Key, T Record);
}
