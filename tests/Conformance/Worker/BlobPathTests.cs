using Microsoft.Extensions.Configuration;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

public sealed class BlobPathTests
{
    [Theory, Promise("5.1")]
    [InlineData("videos", "any/thing", "")]
    [InlineData("videos/{name}", "a/b.mp4", "name=a/b.mp4")]
    [InlineData("videos/{name}.{ext}", "a.b.mp4", "name=a.b ext=mp4")]
    [InlineData("videos/{folder}/{name}", "x/y/z.mp4", "folder=x/y name=z.mp4")]
    [InlineData("videos/{name}.mp4", "clip.mkv", null)]
    [InlineData("videos/in/{name}", "out/clip.mp4", null)]
    [InlineData("videos/exact.mp4", "exact.mp4", "")]
    [InlineData("videos/exact.mp4", "exactxmp4", null)]
    [InlineData("videos/{{{name}}}", "{clip}", "name=clip")]
    [InlineData("videos/%Folder%/{name}", "from settings/clip", "name=clip")]
    public void A_path_matches_names_in_braces_and_settings(string path, string blob, string? names)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Folder", (string?)"from settings")]).Build();
        var matched = BlobPath.Parse("F", path, settings);
        Assert.Equal("videos", matched.Container);
        Assert.Equal(names, matched.Match(blob) is { } found ? string.Join(' ', found.Select(name => $"{name.Key}={name.Value}")) : null);
    }

    [Theory]
    [InlineData("{container}/x", "must begin with the name of a container")]
    [InlineData("videos/{a b}", "do not hold a name")]
    [InlineData("videos/{name", "do not hold a name")]
    public void A_path_that_cannot_be_says_why(string path, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<StartupException>(
            () => BlobPath.Parse("F", path, new ConfigurationBuilder().Build())).Message);
}
