using Microsoft.ML.OnnxRuntime;
using Tpo.GpuJob.Export;
using Tpo.GpuJob.Export.Onnx;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Verify;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A checkpoint is served in the type that is asked for; its weights are written again only where they are of another.</summary>
public sealed class ServingTypeTests : IDisposable
{
    private readonly RandomCheckpoint _model = new();

    private string Graphs => Path.Combine(_model.Folder, OnnxGraphs.Folder);
    private string Single => Path.Combine(_model.Folder, WeightFiles.Single);
    private string Converted => Path.Combine(Graphs, ServingManifest.ConvertedFile);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_that_are_of_the_serving_type_stay_where_they_are(bool sharded)
    {
        if (sharded)
            Shard();
        var expected = Logits();
        var report = OnnxExporter.Export(_model.Folder);
        Assert.Equal(expected, Logits());
        Assert.True(report.Bytes < 100_000, $"{report.Bytes} bytes");
        Assert.Equal(["decoder.onnx", "embed.onnx", "serving.json", "vision.onnx"], Directory.GetFileSystemEntries(Graphs).Select(Path.GetFileName).Order());
        Assert.Equal(sharded ? 2 : 1, report.Manifest.Files.Count);
        Assert.Contains("Weights stay where they are: model", string.Join('\n', report.Lines()));
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, false)]
    [InlineData(ScalarType.Float16, false)]
    [InlineData(ScalarType.Float64, false)]
    [InlineData(ScalarType.BFloat16, true)]
    public void Weights_of_another_type_are_converted_into_one_file_with_the_tensors_that_are_used(ScalarType type, bool sharded)
    {
        Store(type);
        if (sharded)
            Shard();
        var before = WeightFiles.Revision(_model.Folder);
        var report = OnnxExporter.Export(_model.Folder);
        Assert.Equal(before, WeightFiles.Revision(_model.Folder));
        Assert.Contains("Weights were converted to F32 for serving: weights.safetensors", string.Join('\n', report.Lines()));

        var stored = WeightFiles.Tensors(_model.Folder);
        var written = SafetensorsFile.ReadHeader(Converted);
        Assert.Equal(stored.Keys.Where(name => name != RandomCheckpoint.Unused).Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, entry) in written)
        {
            using var scope = torch.NewDisposeScope();
            Assert.Equal("F32", entry.Dtype);
            var expected = TensorFile.Read(Path.Combine(_model.Folder, stored[name].File), stored[name].Entry).to_type(ScalarType.Float32);
            Assert.Equal(TensorValues.Of(expected).Values, TensorValues.Of(TensorFile.Read(Converted, entry)).Values);
        }
        Assert.DoesNotContain(Read(OnnxGraphs.Decoder).Graph.Node, node => node.OpType == "Cast");
        VideoLanguageModel.Load(_model.Folder, "random").Dispose();
    }

    [Fact]
    public void F16_graphs_compute_in_f16_what_f32_graphs_compute()
    {
        var expected = Logits();
        var report = OnnxExporter.Export(_model.Folder, new ExportOptions { Dtype = ServingType.F16 });
        Assert.Null(report.NotOpened);
        Assert.All(SafetensorsFile.ReadHeader(Converted).Values, entry => Assert.Equal("F16", entry.Dtype));
        Assert.Equal(TensorProto.Types.DataType.Float16, TypeOf(OnnxGraphs.PastKey(0)));
        // The server wants CUDA for them; the CPU can compute them all the same, by way of casts.
        // f16 keeps 11 bits, and every one of a few dozen operations rounds: 0.7 % was found; a wrong operand makes it a large part of one.
        var distance = GoldenModel.Distance(expected, HalfLogits());
        Assert.True(distance is > 1e-5 and < 2e-2, $"{distance}");
    }

    [Fact]
    public void Bf16_graphs_that_no_provider_here_can_compute_are_written_and_said_not_to_have_been_opened()
    {
        if (OnnxGraphs.HasCuda)
            return;
        var report = OnnxExporter.Export(_model.Folder, new ExportOptions { Dtype = ServingType.BF16 });
        Assert.Contains("no CUDA provider here", report.NotOpened);
        Assert.Contains("NOT opened here", report.Lines().Last());
        Assert.Equal(TensorProto.Types.DataType.Bfloat16, TypeOf(OnnxGraphs.PastKey(0)));
        Assert.All(SafetensorsFile.ReadHeader(Converted).Values, entry => Assert.Equal("BF16", entry.Dtype));
        Assert.Contains("--dtype f32", Assert.Throws<NotSupportedException>(() => VideoLanguageModel.Load(_model.Folder, "random")).Message);
    }

    [Fact]
    public void Exporting_again_writes_nothing_anew()
    {
        Store(ScalarType.BFloat16);
        var first = OnnxExporter.Export(_model.Folder);
        Assert.All(first.Files.Where(file => file.Name == ServingManifest.ConvertedFile), file => Assert.False(file.Reused));
        File.SetLastWriteTimeUtc(Converted, DateTime.UnixEpoch);
        var again = OnnxExporter.Export(_model.Folder);
        Assert.All(again.Files, file => Assert.True(file.Reused, file.Name));
        Assert.Contains("weights.safetensors: ", again.Lines().Single(line => line.EndsWith(", reused", StringComparison.Ordinal) && line.Contains(ServingManifest.ConvertedFile)));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(Converted));

        var other = OnnxExporter.Export(_model.Folder, new ExportOptions { Dtype = ServingType.F16 });
        Assert.Contains(other.Files, file => file is { Name: ServingManifest.ConvertedFile, Reused: false });
    }

    [Fact]
    public void Converted_weights_that_are_no_longer_pointed_into_are_removed()
    {
        OnnxExporter.Export(_model.Folder, new ExportOptions { Dtype = ServingType.F16 });
        Assert.True(File.Exists(Converted));
        OnnxExporter.Export(_model.Folder);
        Assert.False(File.Exists(Converted));
    }

    [Fact]
    public void Converted_weights_that_were_cut_off_or_changed_are_refused_and_written_again()
    {
        Store(ScalarType.BFloat16);
        OnnxExporter.Export(_model.Folder);
        var whole = File.ReadAllBytes(Converted);
        foreach (var damaged in new[] { whole[..^100], [.. whole[..^(whole.Length / 2)], .. new byte[whole.Length / 2]] })
        {
            File.WriteAllBytes(Converted, damaged);
            Assert.Contains("weights.safetensors", Assert.ThrowsAny<Exception>(() => VideoLanguageModel.Load(_model.Folder, "random")).Message);
            OnnxExporter.Export(_model.Folder);
            Assert.Equal(whole, File.ReadAllBytes(Converted));
        }
    }

    [Fact]
    public void Graphs_go_to_another_folder_where_one_is_named()
    {
        using var elsewhere = new TemporaryFolder();
        Directory.Delete(Graphs, recursive: true);
        var folder = Path.Combine(elsewhere.Path, "a", "b");
        OnnxExporter.Export(_model.Folder, new ExportOptions { Out = folder });
        Assert.False(Directory.Exists(Graphs));
        Assert.Equal(new FileInfo(Single).Length, ExportedModel.Open(_model.Folder, folder).WeightBytes);
        Assert.Throws<FileNotFoundException>(() => VideoLanguageModel.Load(_model.Folder, "random"));
        VideoLanguageModel.Load(_model.Folder, "random", new ServingOptions { GraphFolder = folder }).Dispose();
    }

    private void Store(ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        TensorFile.Write(Single, TensorFile.ReadAll(Single), type);
    }

    private void Shard()
    {
        using var scope = torch.NewDisposeScope();
        var tensors = TensorFile.ReadAll(Single);
        var map = new Dictionary<string, string>();
        foreach (var (number, part) in tensors.OrderBy(entry => entry.Key, StringComparer.Ordinal).Chunk(tensors.Count / 2 + 1).Index())
        {
            var name = $"model-0000{number + 1}-of-00002.safetensors";
            TensorFile.Write(Path.Combine(_model.Folder, name), part.ToDictionary());
            foreach (var (tensor, _) in part)
                map[tensor] = name;
        }
        File.WriteAllText(Path.Combine(_model.Folder, WeightFiles.Index), System.Text.Json.JsonSerializer.Serialize(new { weight_map = map }));
        File.Delete(Single);
        OnnxExporter.Export(_model.Folder);
    }

    private float[] Logits()
    {
        var exported = ExportedModel.Open(_model.Folder);
        using var text = new TextEmbedder(exported, new ServingOptions());
        using var decoder = new Decoder(exported, CheckpointConfig.Load(_model.Folder), new ServingOptions());
        using var cache = decoder.NewCache(8);
        return decoder.AppendAndScore(cache, text.Embed([1, 2, 3]));
    }

    /// <summary>The same through the f16 graphs, which take and give f32 but for the cache.</summary>
    private float[] HalfLogits()
    {
        var config = CheckpointConfig.Load(_model.Folder);
        using var embed = OnnxGraphs.Open(Graphs, File.ReadAllBytes(Path.Combine(Graphs, OnnxGraphs.Embed)), new ServingOptions());
        using var decoder = OnnxGraphs.Open(Graphs, File.ReadAllBytes(Path.Combine(Graphs, OnnxGraphs.Decoder)), new ServingOptions());
        using var run = new RunOptions();
        using var ids = OrtValue.CreateTensorValueFromMemory(new long[] { 1, 2, 3 }, [3]);
        using var embedded = embed.Run(run, [OnnxGraphs.InputIds], [ids], [OnnxGraphs.InputsEmbeds]);
        var half = config.HeadSize / 2;
        var angles = Enumerable.Range(0, 3 * half).Select(i => i / half * Math.Pow(config.RopeTheta, -(double)(i % half) / half)).ToArray();
        var inputs = new Dictionary<string, OrtValue>
        {
            [OnnxGraphs.InputsEmbeds] = embedded[0],
            [OnnxGraphs.LogitRows] = OrtValue.CreateTensorValueFromMemory(new long[] { 0, 1, 2 }, [3]),
            [OnnxGraphs.LastPosition] = OrtValue.CreateTensorValueFromMemory(new[] { 2 }, [1]),
            [OnnxGraphs.TotalLength] = OrtValue.CreateTensorValueFromMemory(new[] { 3 }, [1]),
            [OnnxGraphs.Cosines] = OrtValue.CreateTensorValueFromMemory(angles.Select(angle => (float)Math.Cos(angle)).ToArray(), [3, half]),
            [OnnxGraphs.Sines] = OrtValue.CreateTensorValueFromMemory(angles.Select(angle => (float)Math.Sin(angle)).ToArray(), [3, half]),
        };
        for (var layer = 0; layer < config.Layers; layer++)
            foreach (var past in new[] { OnnxGraphs.PastKey(layer), OnnxGraphs.PastValue(layer) })
                inputs[past] = OrtValue.CreateTensorValueFromMemory(new Float16[config.KeyValueHeads * 3 * config.HeadSize], [1, config.KeyValueHeads, 3, config.HeadSize]);
        using var logits = decoder.Run(run, inputs, [OnnxGraphs.Logits]);
        return logits[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private ModelProto Read(string graph) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Graphs, graph)));

    private TensorProto.Types.DataType TypeOf(string input) =>
        Read(OnnxGraphs.Decoder).Graph.Input.Single(value => value.Name == input).Type.TensorType.ElemType;
}
