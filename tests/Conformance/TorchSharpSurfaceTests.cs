using TorchSharp;

namespace Tpo.Tests.Conformance;

public sealed class TorchSharpSurfaceTests
{
    [OfficialListFact("torchsharp.txt")]
    public void The_offline_part_has_no_public_member_that_the_official_package_lacks()
    {
        var official = PublicSurface.Official(OfficialListFactAttribute.PathOf("torchsharp.txt")!);
        var ours = PublicSurface.Of(typeof(torch).Assembly);
        Assert.True(ours.Count > 500, $"Only {ours.Count} members were compared.");
        var extra = ours.Except(official).ToList();
        Assert.True(extra.Count == 0, string.Join('\n', extra));
    }
}
