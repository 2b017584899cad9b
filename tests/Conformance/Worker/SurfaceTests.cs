using Microsoft.Azure.Functions.Worker;

namespace Tpo.Tests.Conformance.Worker;

public sealed class SurfaceTests
{
    [OfficialListFact("functions-worker.txt")]
    public void The_offline_worker_has_no_public_type_or_member_that_the_official_packages_lack()
    {
        var official = PublicSurface.Official(OfficialListFactAttribute.PathOf("functions-worker.txt")!);
        var ours = PublicSurface.Of(typeof(FunctionAttribute).Assembly);
        Assert.True(ours.Count > 300, $"Only {ours.Count} members were compared.");
        var extra = ours.Except(official).ToList();
        Assert.True(extra.Count == 0, string.Join('\n', extra));
    }
}
