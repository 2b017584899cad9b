using FFMpegCore;

namespace Tpo.Tests.Conformance;

public sealed class FFMpegCoreSurfaceTests
{
    [OfficialListFact("ffmpegcore.txt")]
    public void The_offline_part_has_no_public_member_that_the_official_package_lacks()
    {
        var official = PublicSurface.Official(OfficialListFactAttribute.PathOf("ffmpegcore.txt")!);
        var ours = PublicSurface.Of(typeof(FFProbe).Assembly);
        Assert.True(ours.Count > 60, $"Only {ours.Count} members were compared.");
        var extra = ours.Except(official).ToList();
        Assert.True(extra.Count == 0, string.Join('\n', extra));
    }
}

/// <summary>A test that needs the list of an official package's signatures, and says so where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OfficialListFactAttribute : FactAttribute
{
    public OfficialListFactAttribute(string list)
    {
        if (PathOf(list) is null)
            Skip = $"needs shared/reference/api/{list} beside the repository";
    }

    public static string? PathOf(string list)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "reference", "api", list);
            if (File.Exists(path))
                return path;
        }
        return null;
    }
}
