using System.Text.Json;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>A test on the harness's own cases or published annotations, files below `shared`; it says so where one is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BenchmarkGoldenFactAttribute : FactAttribute
{
    public BenchmarkGoldenFactAttribute(params string[] files)
    {
        if (files.FirstOrDefault(file => Find(file) is null) is { } absent)
            Skip = $"needs shared/{absent} beside the repository";
    }

    public static string Read(string relative) => File.ReadAllText(Find(relative)!);

    public static string PathOf(string relative) => Find(relative)!;

    /// <summary>One case of a file of scoring cases.</summary>
    public static JsonElement Case(string relative, string id) =>
        JsonElement.Parse(Read(relative)).EnumerateArray().First(golden => golden.GetProperty("id").GetString() == id);

    private static string? Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", relative);
            if (File.Exists(path))
                return path;
        }
        return null;
    }
}
