using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Unit.Model;

/// <summary>
/// Every tensor of the two published checkpoints, name and shape, from their config.json: the approved lists are names/*.txt. The configs
/// carry the published keys; lists that only Python's training reads are shortened.
/// </summary>
public sealed class TensorShapesTests
{
    [Theory]
    [InlineData("LLaVA-Video-7B-Qwen2")]
    [InlineData("LongVA-7B")]
    public void Names_and_shapes_of_a_published_checkpoint_are_the_approved_ones(string checkpoint)
    {
        string[] computed = [.. TensorShapes.Of(Published(checkpoint)).Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value)}]")];
        Assert.Equal(File.ReadAllLines(ModelGoldens.Names($"{checkpoint}.txt")), computed);
        if (Goldens.Folder("names", $"{checkpoint}.txt") is { } reference)
            Assert.Equal(File.ReadAllText(reference), File.ReadAllText(ModelGoldens.Names($"{checkpoint}.txt")));
    }

    /// <summary>8.03 billion in bf16 are the published files' 16.0 GB.</summary>
    [Theory]
    [InlineData("LLaVA-Video-7B-Qwen2", 8.03)]
    [InlineData("LongVA-7B", 7.94)]
    public void So_is_the_number_of_parameters(string checkpoint, double billions) =>
        Assert.Equal(billions, TensorShapes.Of(Published(checkpoint)).Values.Sum(shape => shape.Aggregate(1.0, (product, size) => product * size)) / 1e9, 0.01);

    [Theory]
    [InlineData(ModelGoldens.Siglip)]
    [InlineData(ModelGoldens.TiedShards)]
    [InlineData(ModelGoldens.Clip)]
    public void The_model_itself_has_exactly_these_tensors(string golden)
    {
        CheckpointConfig config = CheckpointConfig.Load(ModelGoldens.Own(golden));
        var parameters = new LlavaQwenForCausalLM(config).named_parameters().OrderBy(entry => entry.name, StringComparer.Ordinal).ToArray();
        Assert.Equal(TensorShapes.Of(config).Select(entry => (entry.Key, string.Join(',', entry.Value))), parameters.Select(entry => (entry.name, string.Join(',', entry.parameter.shape))));
    }

    internal static CheckpointConfig Published(string checkpoint)
    {
        using var folder = new TemporaryFolder();
        File.Copy(ModelGoldens.Names($"{checkpoint}.config.json"), Path.Combine(folder.Path, "config.json"));
        return CheckpointConfig.Load(folder.Path);
    }
}
