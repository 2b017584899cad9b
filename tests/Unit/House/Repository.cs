namespace Tpo.Tests.Unit.House;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "TpoServerless.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
