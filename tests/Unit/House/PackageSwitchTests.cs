using System.Diagnostics;
using System.Text.Json;

namespace Tpo.Tests.Unit.House;

/// <summary>One property decides where packages come from, and the sources do not know it.</summary>
public sealed class PackageSwitchTests
{
    private static readonly string Root = Repository.Root;

    [Theory]
    [InlineData("src/Functions", "Microsoft.Azure.Functions.Worker.Extensions.DurableTask")]
    [InlineData("src/GpuJob", "TorchSharp-cuda-linux")]
    [InlineData("src/Shared", "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData("src/Shared", "FFMpegCore")]
    public void Official_takes_plain_packages_and_offline_takes_the_offline_parts(string project, string package)
    {
        var official = References(project, "official");
        Assert.Contains(package, official.Packages);
        Assert.DoesNotContain(official.Projects, reference => reference.Contains("infra/offline"));

        var offline = References(project, "offline");
        Assert.DoesNotContain(package, offline.Packages);
        Assert.Contains(offline.Projects, reference => reference.Contains("infra/offline"));
    }

    [Fact]
    public void No_source_asks_which_packages_it_was_built_with()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/")).ToList();
        Assert.True(files.Count > 50);
        Assert.DoesNotContain(files, file => File.ReadLines(file).Any(line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal) || line.Contains("Tpo.Offline")));
    }

    private static (string[] Packages, string[] Projects) References(string project, string packages)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Path.Combine(Root, project), $"-p:TpoPackages={packages}", "-getItem:PackageReference,ProjectReference", "-nologo"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var items = JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement.GetProperty("Items");
        process.WaitForExit();
        return (Names("PackageReference"), Names("ProjectReference"));

        string[] Names(string kind) => [.. items.GetProperty(kind).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];
    }
}
