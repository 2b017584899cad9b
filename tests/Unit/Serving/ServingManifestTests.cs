using System.Text.Json.Nodes;
using Tpo.GpuJob.Export;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>Graphs are opened over the weights and the config that they were made from, and over nothing else.</summary>
public sealed class ServingManifestTests : IDisposable
{
    private readonly RandomCheckpoint _model = new();
    private readonly TemporaryFolder _cache = new();

    private string Graphs => Path.Combine(_model.Folder, OnnxGraphs.Folder);
    private string Manifest => Path.Combine(Graphs, ServingManifest.FileName);

    public void Dispose()
    {
        _model.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public void An_export_says_what_it_was_made_of()
    {
        var manifest = ExportedModel.Open(_model.Folder).Manifest;
        var revision = WeightFiles.Revision(_model.Folder);
        Assert.Equal((ServingType.F32, revision, revision), (manifest.Dtype, manifest.Checkpoint, manifest.Revision));
        Assert.Equal(("model.safetensors", "model.safetensors"), (manifest.Files[0].Name, manifest.Files[0].Location));
        Assert.Null(manifest.Converted);
    }

    [Fact]
    public void Graphs_of_an_older_build_are_refused()
    {
        var json = JsonNode.Parse(File.ReadAllText(Manifest))!;
        json["format"] = 0;
        File.WriteAllText(Manifest, json.ToJsonString());
        Refused("has format 0, this build reads");
        File.WriteAllText(Manifest, "{}");
        Refused("is no manifest that this build reads");
        File.Delete(Manifest);
        Refused("of an older build");
    }

    [Fact]
    public void Graphs_of_another_config_are_refused()
    {
        Edit("rope_theta", 5000.0);
        Refused("config.json of");
    }

    [Fact]
    public void Graphs_of_other_weights_are_refused_also_where_the_weights_have_the_same_sizes()
    {
        using var other = new RandomCheckpoint(seed: 2);
        File.Copy(Path.Combine(other.Folder, "model.safetensors"), Path.Combine(_model.Folder, "model.safetensors"), overwrite: true);
        Refused("are others than those");
    }

    [Fact]
    public void A_copy_of_the_folder_with_other_times_is_served_as_before()
    {
        File.SetLastWriteTimeUtc(Path.Combine(_model.Folder, "model.safetensors"), DateTime.UtcNow.AddDays(-3));
        Assert.Equal(WeightFiles.Revision(_model.Folder), ExportedModel.Open(_model.Folder).Manifest.Revision);
    }

    [Fact]
    public void Weights_behind_links_into_one_folder_are_read_there()
    {
        var expected = Logits();
        MoveToCache();
        OnnxExporter.Export(_model.Folder);
        Assert.Equal(expected, Logits());
        Assert.Equal("0123abcd", ExportedModel.Open(_model.Folder).Manifest.Files[0].Location);

        // A copy that follows the links has the file under another name than the graphs know.
        File.Delete(Path.Combine(_model.Folder, "model.safetensors"));
        File.Copy(Path.Combine(_cache.Path, "0123abcd"), Path.Combine(_model.Folder, "model.safetensors"));
        Refused("are others than those");
    }

    [Fact]
    public void A_circle_of_links_is_refused()
    {
        File.Delete(Path.Combine(_model.Folder, "model.safetensors"));
        File.CreateSymbolicLink(Path.Combine(_model.Folder, "model.safetensors"), "model.safetensors");
        Assert.Contains("circle of symbolic links", Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(_model.Folder)).Message);
    }

    /// <summary>As a download cache lays a model out: the file under its hash in another folder, and a relative link in its place.</summary>
    private void MoveToCache()
    {
        var blob = Path.Combine(_cache.Path, "0123abcd");
        File.Move(Path.Combine(_model.Folder, "model.safetensors"), blob);
        File.CreateSymbolicLink(Path.Combine(_model.Folder, "model.safetensors"), Path.GetRelativePath(_model.Folder, blob));
    }

    private float[] Logits()
    {
        var config = CheckpointConfig.Load(_model.Folder);
        var exported = ExportedModel.Open(_model.Folder);
        using var text = new TextEmbedder(exported, new ServingOptions());
        using var decoder = new Decoder(exported, config, new ServingOptions());
        using var cache = decoder.NewCache(8);
        return decoder.Append(cache, text.Embed([1, 2, 3]), default);
    }

    private void Refused(string why)
    {
        var error = Assert.Throws<StaleExportException>(() => VideoLanguageModel.Load(_model.Folder, "random"));
        Assert.Contains(why, error.Message);
        Assert.Contains("Export it again", error.Message);
        OnnxExporter.Export(_model.Folder);
        VideoLanguageModel.Load(_model.Folder, "random").Dispose();
    }

    private void Edit(string key, JsonNode value)
    {
        var path = Path.Combine(_model.Folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = value;
        File.WriteAllText(path, config.ToJsonString());
    }
}
