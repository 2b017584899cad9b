namespace Tpo.Tests.Unit.Serving;

/// <summary>Reference numbers that lie beside the repository (`../shared/goldens`), and the real Qwen tokenizer that setup fetches from npm.</summary>
internal static class Goldens
{
    public static string? Folder(params string[] path) => Find(Path.Combine(["shared", "goldens", .. path]));

    /// <summary>Small reference numbers of the repository's own, below this project's folder.</summary>
    public static string Own(params string[] path) =>
        Find(Path.Combine(path)) ?? throw new DirectoryNotFoundException($"'{Path.Combine(path)}' is not below tests/Unit.");

    /// <summary>Packages from npm, where setup has fetched them.</summary>
    public static string? Packages => Find(Path.Combine("infra", "offline", "node_modules"));

    public static string? QwenTokenizer => Find(Path.Combine("infra", "offline", "node_modules", "@lenml", "tokenizer-qwen2_5", "models"));

    private static string? Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, relative);
            if (Path.Exists(candidate))
                return candidate;
        }
        return null;
    }
}

/// <summary>A test that needs the goldens of one folder, and says so where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GoldenFactAttribute : FactAttribute
{
    public GoldenFactAttribute(string golden, bool withQwen = false)
    {
        if (withQwen && Goldens.QwenTokenizer is null)
            Skip = "needs the Qwen tokenizer that ./tpo setup fetches from npm";
        if (Goldens.Folder(golden.Split('/')) is null)
            Skip = $"needs shared/goldens/{golden} beside the repository";
    }
}
