using System.Text.Json;
using Parquet.Serialization;

namespace Tpo.Shared.Benchmarks;

/// <summary>An annotation file as text. A parquet file's rows stand as a JSON list, so that loaders know only JSON and CSV.</summary>
/// <param name="Name">as problems name it; its last part tells loaders which of a benchmark's files it is</param>
public sealed record AnnotationFile(string Name, string Text)
{
    /// <summary>The file's name without folder and ending.</summary>
    public string Stem => Path.GetFileNameWithoutExtension(Name);

    /// <exception cref="InvalidDataException">A parquet file that is none.</exception>
    public static async Task<AnnotationFile> ReadAsync(string path, CancellationToken cancellation = default)
    {
        await using var file = File.OpenRead(path);
        return await ReadAsync(path, file, cancellation);
    }

    /// <exception cref="InvalidDataException">A parquet file that is none.</exception>
    public static async Task<AnnotationFile> ReadAsync(string name, Stream file, CancellationToken cancellation = default)
    {
        if (name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
            return new AnnotationFile(name, await RowsAsync(name, file, cancellation));
        using var reader = new StreamReader(file);
        return new AnnotationFile(name, await reader.ReadToEndAsync(cancellation));
    }

    private static async Task<string> RowsAsync(string name, Stream file, CancellationToken cancellation)
    {
        try
        {
            var table = await ParquetSerializer.DeserializeUntypedAsync(file, cancellationToken: cancellation);
            return JsonSerializer.Serialize(table.Data.Select(row => row.ToDictionary(cell => cell.Key, cell => Plain(cell.Value))));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidDataException($"{name}: is no parquet file that can be read: {e.Message}", e);
        }
    }

    /// <summary>Texts inside lists come as memory of characters.</summary>
    private static object? Plain(object? value) => value switch
    {
        ReadOnlyMemory<char> text => text.ToString(),
        string text => text,
        System.Collections.IDictionary members => members.Keys.Cast<object>().ToDictionary(key => key.ToString()!, key => Plain(members[key])),
        System.Collections.IEnumerable list => list.Cast<object?>().Select(Plain).ToList(),
        _ => value,
    };
}
