using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Tpo.Functions.Curation;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>The offline worker is a part of the official one, and the part that the app uses is whole.</summary>
public sealed class SurfaceTests
{
    private const string List = "functions-worker.txt";

    // Overloads of methods the app calls that the offline part does not have, each with the type that it lacks.
    private static readonly Dictionary<string, string> left = [];

    private static readonly Assembly app = typeof(CurateVideo).Assembly;
    private static readonly Assembly offline = typeof(FunctionAttribute).Assembly;

    private static IReadOnlySet<string> Official => PublicSurface.Official(OfficialListFactAttribute.PathOf(List)!);

    [OfficialListFact(List)]
    public void The_offline_worker_has_no_public_type_or_member_that_the_official_packages_lack()
    {
        var ours = PublicSurface.Of(offline);
        Assert.True(ours.Count > 300, $"Only {ours.Count} members were compared.");
        var extra = ours.Except(Official).ToList();
        Assert.True(extra.Count == 0, string.Join('\n', extra));
    }

    [OfficialListFact(List)]
    public void The_app_uses_no_member_and_no_type_of_the_worker_that_the_official_packages_lack()
    {
        var used = UsedSurface.Lines(app, offline);
        Assert.Contains("T:Microsoft.DurableTask.TaskOrchestrationContext", used);
        Assert.Contains("M:Microsoft.Azure.Functions.Worker.FunctionAttribute.#ctor(System.String)", used);
        Assert.True(used.Count > 50, $"Only {used.Count} members and types were found.");
        var unofficial = used.Except(Official).ToList();
        Assert.True(unofficial.Count == 0, string.Join('\n', unofficial));
    }

    [OfficialListFact(List)]
    public void Of_a_method_that_the_app_calls_all_overloads_are_there()
    {
        var ours = PublicSurface.Of(offline).ToHashSet();
        var called = UsedSurface.CalledNames(app, offline);
        var missing = UsedSurface.OverloadsOf(called, Official).Except(ours).ToList();

        Assert.True(called.Count > 20, $"Only {called.Count} methods were found.");
        var unsaid = missing.Except(left.Keys).ToList();
        Assert.True(unsaid.Count == 0, "Without these, the app's calls could mean something else with the official packages:\n" + string.Join('\n', unsaid));
        var settled = left.Where(one => !missing.Contains(one.Key) || ours.Contains($"T:{one.Value}") || !one.Key.Contains(one.Value)).ToList();
        Assert.True(settled.Count == 0, "No longer left out, or not for that reason: " + string.Join('\n', settled));
    }

    /// <summary>Everything outside the app's own assemblies is a package that restores everywhere, the framework, or this one offline part.</summary>
    [Fact]
    public void The_app_refers_to_the_offline_worker_and_to_no_other_offline_part()
    {
        var offlineParts = app.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Tpo.Offline.", StringComparison.Ordinal));
        Assert.Equal(["Tpo.Offline.FunctionsWorker"], offlineParts);
    }
}
