using Tpo.GpuJob.Export;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Serving;

/// <summary>Weights in eight bits are offered where they change next to nothing, and nowhere else.</summary>
public sealed class Int8Tests : IDisposable
{
    private readonly TemporaryFolder _nano = new();
    private readonly RandomCheckpoint _random = new();
    private static readonly ExportOptions Int8 = new() { Int8 = true };

    public Int8Tests()
    {
        foreach (var file in Directory.GetFiles(Goldens.Own("infra", "local", "models", "tpo-nano")))
            File.Copy(file, Path.Combine(_nano.Path, Path.GetFileName(file)));
    }

    public void Dispose()
    {
        _nano.Dispose();
        _random.Dispose();
    }

    [Fact]
    public void A_weight_is_at_most_half_a_step_from_what_it_was()
    {
        var random = new Random(1);
        float[] weights = [.. Enumerable.Range(0, 3 * Int8Blocks.Size).Select(i => (float)(random.NextDouble() - 0.5) * MathF.Pow(100, i / Int8Blocks.Size))];
        float[] scales = Int8Blocks.Scales(weights);
        byte[] values = Int8Blocks.Values(weights);
        Assert.Equal(3, scales.Length);
        Assert.All(weights.Index(), weight => Assert.True(
            Math.Abs((values[weight.Index] - 128) * scales[weight.Index / Int8Blocks.Size] - weight.Item) <= scales[weight.Index / Int8Blocks.Size] * 0.5001f));
        var zeros = new float[Int8Blocks.Size];
        Assert.Equal((0f, 128), (Int8Blocks.Scales(zeros)[0], Int8Blocks.Values(zeros).Distinct().Single()));
    }

    [Fact]
    public async Task A_trained_model_answers_almost_as_in_f32_from_weights_of_half_the_size()
    {
        OnnxExporter.Export(_nano.Path);
        var exact = Logits(_nano.Path);
        var (bytes, f32Revision) = (ExportedModel.Open(_nano.Path).WeightBytes, ExportedModel.Open(_nano.Path).Manifest.Revision);

        var report = OnnxExporter.Export(_nano.Path, Int8);
        Assert.InRange(report.Int8!.Share, Int8Agreement.Least, 1);
        Assert.True(report.Int8.Positions > 500);
        Assert.Contains(report.Lines(), line => line.StartsWith("The decoder's linear layers are in int8: the same likeliest token as in f32 at ", StringComparison.Ordinal));
        var served = ExportedModel.Open(_nano.Path);
        Assert.Equal(report.Int8.Share, served.Manifest.Int8Agreement);
        Assert.NotEqual(f32Revision, served.Manifest.Revision);
        Assert.InRange(served.WeightBytes, 1, bytes * 0.6);
        Assert.InRange(GoldenModel.Distance(exact, Logits(_nano.Path)), 1e-5, 0.1);
        using var model = VideoLanguageModel.Load(_nano.Path, "nano");
        var frame = new Tpo.Shared.Media.RgbFrame(64, 64, new byte[3 * 64 * 64], 0, 0);
        Assert.NotEmpty((await model.AnswerAsync([frame], ["What is shown?"], new GenerationOptions(8)))[0].Text);

        var again = OnnxExporter.Export(_nano.Path, Int8);
        Assert.All(again.Files, file => Assert.True(file.Reused, file.Name));
        Assert.Contains(again.Lines(), line => line.Contains("compared when they were rounded", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(Path.Combine(_nano.Path, "onnx")).Select(Path.GetFileName), name => name!.StartsWith('.'));
    }

    [Fact]
    public void Rounding_that_changes_answers_is_refused_with_its_share_and_leaves_what_was_there()
    {
        // One large number in every block of the head: what stands beside it is rounded to nothing.
        using (NewDisposeScope())
        {
            var path = Path.Combine(_random.Folder, WeightFiles.Single);
            var tensors = TensorFile.ReadAll(path);
            using var frozen = no_grad();
            tensors["lm_head.weight"].reshape(new long[] { -1, 2, 32 }).select(2, 0).add_(500);
            TensorFile.Write(path, tensors);
        }
        OnnxExporter.Export(_random.Folder);
        var before = Logits(_random.Folder);
        var error = Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(_random.Folder, Int8));
        Assert.Matches(@"the same likeliest token as in f32 at \d+\.\d % of \d+ positions, .*less than 98 % is not served\. Nothing was put in place", error.Message);
        Assert.Equal(before, Logits(_random.Folder));
        Assert.Equal(["decoder.onnx", "embed.onnx", "serving.json", "vision.onnx"],
            Directory.GetFileSystemEntries(Path.Combine(_random.Folder, "onnx")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void It_is_for_the_CPU_alone()
    {
        var error = Assert.Throws<InvalidDataException>(() => OnnxExporter.Export(_random.Folder, Int8 with { Dtype = ServingType.BF16 }));
        Assert.Contains("Leave one of the two out", error.Message);
    }

    private static float[] Logits(string folder)
    {
        var exported = ExportedModel.Open(folder);
        using var text = new TextEmbedder(exported, new ServingOptions());
        using var decoder = new Decoder(exported, CheckpointConfig.Load(folder), new ServingOptions());
        using var cache = decoder.NewCache(8);
        return decoder.AppendAndScore(cache, text.Embed([5, 17, 40, 41]));
    }
}
