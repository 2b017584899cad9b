using System.Reflection;
using Tpo.GpuJob.Model;
using Tpo.Tests.Conformance.Worker;
using TorchSharp;

namespace Tpo.Tests.Conformance;

/// <summary>The offline TorchSharp is a part of the official one, and of what the job calls every overload is there.</summary>
public sealed class TorchSharpSurfaceTests
{
    private const string List = "torchsharp.txt";

    // Overloads of methods the job calls that the offline part does not have: what in the signature says so, and why no call of the job can mean them.
    private static readonly Dictionary<string, string> left = new()
    {
        ["System.Numerics.Complex"] = "complex numbers: nothing here computes with them",
        ["System.ValueTuple{System.Single,System.Single}"] = "complex numbers as a pair",
        ["System.ValueTuple{System.Double,System.Double}"] = "complex numbers as a pair",
        ["torch.tensor(System.Single,System.Single,"] = "a complex number as two arguments",
        ["torch.tensor(System.Double,System.Double,"] = "a complex number as two arguments",
        ["TorchSharp.BFloat16"] = "a struct of its own for single bfloat16 values; tensors of that type are there",
        ["torch.Tensor.flatten(System.Collections.Generic.IList{System.String}"] = "named dimensions: libtorch calls them experimental",
        ["TorchSharp.torch.Size"] = "a struct beside long[], which is what the job passes",
        ["Optimizer.StateDictionary"] = "an optimiser's state as a dictionary; files and streams are there",
        ["#ctor(System.IntPtr,System.IntPtr)"] = "modules of libtorch's own C++; the job's are written in C#",
    };

    private static readonly string[] leftTypes = ["T:TorchSharp.BFloat16", "T:TorchSharp.torch.Size", "T:TorchSharp.torch.optim.Optimizer.StateDictionary"];

    private static readonly Assembly job = typeof(LlavaQwenForCausalLM).Assembly;
    private static readonly Assembly offline = typeof(torch).Assembly;

    private static IReadOnlySet<string> Official => PublicSurface.Official(OfficialListFactAttribute.PathOf(List)!);

    [OfficialListFact(List)]
    public void The_offline_part_has_no_public_member_that_the_official_package_lacks()
    {
        var ours = PublicSurface.Of(offline);
        Assert.True(ours.Count > 500, $"Only {ours.Count} members were compared.");
        var extra = ours.Except(Official).ToList();
        Assert.True(extra.Count == 0, string.Join('\n', extra));
    }

    [OfficialListFact(List)]
    public void The_job_uses_no_member_and_no_type_that_the_official_package_lacks()
    {
        var used = UsedSurface.Lines(job, offline);
        Assert.Contains("T:TorchSharp.torch.Tensor", used);
        Assert.Contains("M:TorchSharp.torch.Tensor.backward : System.Void", used);
        Assert.True(used.Count > 80, $"Only {used.Count} members and types were found.");
        var unofficial = used.Except(Official).ToList();
        Assert.True(unofficial.Count == 0, string.Join('\n', unofficial));
    }

    [OfficialListFact(List)]
    public void Of_a_method_that_the_job_calls_all_overloads_are_there()
    {
        var ours = PublicSurface.Of(offline).ToHashSet();
        var called = UsedSurface.CalledNames(job, offline);
        var missing = UsedSurface.OverloadsOf(called, Official).Except(ours).ToList();
        Assert.True(called.Count > 50, $"Only {called.Count} methods were found.");
        var unsaid = missing.Where(line => !left.Keys.Any(line.Contains)).ToList();
        Assert.True(unsaid.Count == 0, "Without these, the job's calls could mean something else with the official package:\n" + string.Join('\n', unsaid));
        var settled = left.Where(one => !missing.Any(line => line.Contains(one.Key))).ToList();
        Assert.True(settled.Count == 0, "No longer left out: " + string.Join('\n', settled));
        Assert.Empty(leftTypes.Intersect(ours));
    }

    [OfficialListFact(List)]
    public void What_is_left_out_is_a_small_part_of_the_overloads()
    {
        var overloads = UsedSurface.OverloadsOf(UsedSurface.CalledNames(job, offline), Official).ToList();
        Assert.InRange(overloads.Count(line => left.Keys.Any(line.Contains)), 1, overloads.Count / 4);
    }
}
