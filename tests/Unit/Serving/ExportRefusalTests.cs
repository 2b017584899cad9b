using System.Text.Json.Nodes;
using Tpo.GpuJob.Export;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Serving;

/// <summary>What cannot be served fails at export, with a sentence, and leaves what was there.</summary>
public sealed class ExportRefusalTests : IDisposable
{
    private readonly RandomCheckpoint _model = new();
    private readonly TemporaryFolder _cache = new();

    private string Graphs => Path.Combine(_model.Folder, OnnxGraphs.Folder);
    private string Weights => Path.Combine(_model.Folder, WeightFiles.Single);

    public void Dispose()
    {
        _model.Dispose();
        _cache.Dispose();
    }

    [Theory]
    [InlineData("num_hidden_layers", "3", "no tensor 'model.layers.2.input_layernorm.weight'")]
    [InlineData("intermediate_size", "48", "has shape [96, 64]; config.json asks for [48, 64]")]
    [InlineData("num_attention_heads", "8", "have 8 numbers (hidden_size / num_attention_heads); ONNX Runtime's attention takes multiples of 16")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act = gelu; supported: silu")]
    [InlineData("mm_projector_type", "\"linear\"", "mm_projector_type 'linear' is not supported")]
    [InlineData("mm_spatial_pool_mode", "\"max\"", "mm_spatial_pool_mode 'max' is not supported")]
    [InlineData("mm_newline_position", "\"everywhere\"", "mm_newline_position 'everywhere' is not supported")]
    [InlineData("rope_scaling", "{\"type\": \"yarn\"}", "rope_scaling")]
    public void A_config_that_cannot_be_computed_or_does_not_fit_the_weights_is_refused_by_its_key(string key, string value, string why)
    {
        var path = Path.Combine(_model.Folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
        Refused(why);
    }

    [Fact]
    public void Weights_that_are_no_floating_point_numbers_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        var tensors = TensorFile.ReadAll(Weights).ToDictionary();
        tensors["lm_head.weight"] = tensors["lm_head.weight"].to_type(ScalarType.Int64);
        TensorFile.Write(Weights, tensors);
        Refused("'lm_head.weight' is stored as I64");
    }

    [Fact]
    public void A_file_that_was_cut_off_is_refused()
    {
        using (var file = File.OpenWrite(Weights))
            file.SetLength(file.Length - 1000);
        Refused("model.safetensors' cannot be read");
        File.Delete(Weights);
        Refused("model.safetensors' does not exist");
    }

    [Fact]
    public void A_graph_that_ONNX_Runtime_refuses_is_refused_with_its_reason()
    {
        var graphs = OnnxGraphs.All.ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(Graphs, name)));
        Assert.Null(GraphCheck.Open(_model.Folder, _model.Folder, graphs, ServingType.F32));
        using (var file = File.OpenWrite(Weights))
            file.SetLength(file.Length / 2);
        var error = Assert.Throws<InvalidDataException>(() => GraphCheck.Open(_model.Folder, _model.Folder, graphs, ServingType.F32));
        Assert.Contains("ONNX Runtime refuses ", error.Message);
        Assert.Contains("out of bounds", error.Message);
        Assert.Throws<InvalidDataException>(() => GraphCheck.Open(_model.Folder, _model.Folder, graphs, ServingType.BF16));
    }

    [Fact]
    public void Links_into_several_folders_are_refused_where_ONNX_Runtime_would_have_to_follow_them()
    {
        using (torch.NewDisposeScope())
        {
            var tensors = TensorFile.ReadAll(Weights);
            var head = tensors.Where(entry => entry.Key == "lm_head.weight").ToDictionary();
            Link("model-00001-of-00002.safetensors", "a", head);
            Link("model-00002-of-00002.safetensors", "b", tensors.Where(entry => entry.Key != "lm_head.weight").ToDictionary());
            File.WriteAllText(Path.Combine(_model.Folder, WeightFiles.Index), System.Text.Json.JsonSerializer.Serialize(new
            {
                weight_map = tensors.Keys.ToDictionary(name => name, name => $"model-0000{(head.ContainsKey(name) ? 1 : 2)}-of-00002.safetensors"),
            }));
        }
        File.Delete(Weights);
        Refused("symbolic links into several folders");
        // Converted weights are read here, not by ONNX Runtime.
        OnnxExporter.Export(_model.Folder, new ExportOptions { Dtype = ServingType.F16 });
        Assert.NotNull(ExportedModel.Open(_model.Folder).Manifest.Converted);
    }

    [Fact]
    public void Too_little_room_on_the_disk_is_said_before_anything_is_written()
    {
        var weights = new ConvertedWeights(WeightFiles.Tensors(_model.Folder), ServingType.F16);
        weights.RefuseIfTooLarge(Graphs, _model.Folder, free: weights.Bytes);
        var error = Assert.Throws<InvalidDataException>(() => weights.RefuseIfTooLarge(Graphs, _model.Folder, free: weights.Bytes - 1));
        Assert.Matches(@"have to be converted for serving, which takes \d+\.\d .B beside the graphs; the disk of '.*' has \d+\.\d .B free", error.Message);
        Assert.Contains("--out", error.Message);
    }

    [Fact]
    public void Graphs_are_not_put_among_the_weights_whose_names_they_might_take()
    {
        var before = Directory.GetFiles(_model.Folder).Order().ToArray();
        var error = Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(_model.Folder, new ExportOptions { Out = Path.Combine(_model.Folder, "onnx", "..") }));
        Assert.Contains("give the graphs a folder of their own", error.Message);
        Assert.Equal(before, Directory.GetFiles(_model.Folder).Order());
        Assert.Contains("cannot be written to", Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(_model.Folder, new ExportOptions { Out = Path.Combine(_model.Folder, "config.json") })).Message);
    }

    [Fact]
    public void A_second_export_into_one_folder_waits_for_the_first_and_what_a_killed_one_left_is_cleared()
    {
        var left = Directory.CreateDirectory(Path.Combine(Graphs, ".partial"));
        File.WriteAllText(Path.Combine(left.FullName, ServingManifest.ConvertedFile), "half");
        using (new FileStream(Path.Combine(Graphs, ".exporting"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            Assert.Contains("another export is writing", Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(_model.Folder)).Message);
        OnnxExporter.Export(_model.Folder);
        Assert.Equal(["decoder.onnx", "embed.onnx", "serving.json", "vision.onnx"], Directory.GetFileSystemEntries(Graphs).Select(Path.GetFileName).Order());
    }

    private void Link(string name, string folder, IReadOnlyDictionary<string, torch.Tensor> tensors)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_cache.Path, folder)).FullName, "blob");
        TensorFile.Write(file, tensors);
        File.CreateSymbolicLink(Path.Combine(_model.Folder, name), file);
    }

    /// <summary>Refused, and the earlier export is as it was.</summary>
    private void Refused(string why)
    {
        var before = Directory.GetFiles(Graphs).Order().ToDictionary(file => file, File.ReadAllBytes);
        var error = Record.Exception(() => OnnxExporter.Export(_model.Folder));
        Assert.True(error is InvalidDataException or FileNotFoundException, $"{error}");
        Assert.Contains(why, error!.Message);
        Assert.Equal(before.Keys, Directory.GetFileSystemEntries(Graphs).Order());
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
    }
}
