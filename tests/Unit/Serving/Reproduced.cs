using Tpo.GpuJob.Verify;

namespace Tpo.Tests.Unit.Serving;

/// <summary>References as `verify` checks them.</summary>
internal static class Reproduced
{
    /// <param name="tolerance">greatest error in the findings' own units; 0 is stricter than the findings' tolerances</param>
    public static void All(IReferenceCheck kind, string path, int files, double tolerance)
    {
        Assert.True(kind.Recognises(path));
        var found = kind.Check(path, VerifyEngine.Torch).ToList();
        Assert.Equal(files, found.Count);
        foreach (var file in found)
        {
            Assert.True(file.Passed, $"{file.File}: {file.Greatest}");
            foreach (var finding in file.Findings)
                Assert.True(finding.Error <= tolerance, $"{file.File}: {finding}");
        }
    }
}
