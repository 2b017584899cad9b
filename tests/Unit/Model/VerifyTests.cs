using System.Text.RegularExpressions;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Verify;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>`verify` is green on right models, red on wrong ones, and says where.</summary>
public sealed class VerifyTests
{
    public static TheoryData<string> Folders => [.. ModelGoldens.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_tensor_and_every_greedy_token_of_every_golden_folder_is_computed_as_the_reference_does(string folder)
    {
        (int code, string said) = Verify([folder]);
        Assert.True(code == 0, said);
        int tensors = SafetensorsFileNames(folder).Length;
        Assert.Contains($"{tensors - 1} of {tensors} tensors compared, 1 goes in (pixel_values)", said);
        Assert.Matches(@"\d+ greedy tokens; greatest error: greedy_tokens identical", said);
        Assert.Contains($"verify: 2 files, {tensors} comparisons, all within tolerance", said);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void So_does_the_serving_engine_in_all_that_it_shows(string folder)
    {
        string[] before = [.. Directory.EnumerateFileSystemEntries(folder)];
        (int code, string said) = Verify([folder], VerifyEngine.Onnx);
        Assert.True(code == 0, said);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(folder));
        string[] seen = [.. SafetensorsFileNames(folder).Where(name => name != "pixel_values" && !Regex.IsMatch(name, @"^(vision_hidden|projected|decoder_hidden\.[1-9])$"))];
        Assert.Contains("pooled", seen);
        Assert.Contains($"{seen.Length} of ", said);
        Assert.Contains("greedy_tokens identical", said);
        Assert.Contains("logits and greedy tokens against TorchSharp, prefix reused, batched, batched behind others", said);
    }

    [Theory]
    [InlineData(ModelGoldens.Siglip, "model.vision_tower.vision_tower.vision_model.encoder.layers.1.mlp.fc2.weight")]
    [InlineData(ModelGoldens.Siglip, "model.vision_tower.vision_tower.vision_model.embeddings.position_embedding.weight")]
    [InlineData(ModelGoldens.Siglip, "model.mm_projector.0.bias")]
    [InlineData(ModelGoldens.Siglip, "model.image_newline")]
    [InlineData(ModelGoldens.Siglip, "model.layers.0.self_attn.k_proj.weight")]
    [InlineData(ModelGoldens.Siglip, "model.layers.1.mlp.down_proj.weight")]
    [InlineData(ModelGoldens.Siglip, "model.norm.weight")]
    [InlineData(ModelGoldens.Siglip, "lm_head.weight")]
    public void One_wrong_value_in_one_weight_is_found_by_either_engine(string name, string weight)
    {
        using TemporaryFolder folder = ModelGoldens.Copy(name);
        ModelGoldens.Perturb(Path.Combine(folder.Path, "model.safetensors"), weight, 0, 0.05f);
        foreach (VerifyEngine engine in Enum.GetValues<VerifyEngine>())
        {
            (int code, string said) = Verify([folder.Path], engine);
            Assert.True(code == 1, said);
            Assert.Matches(@"OVER  .*golden.safetensors.*\[\d+(, \d+)*\] is \S+ instead of \S+ \(error \S+, tolerance 1E-04\)", said);
            Assert.Contains("NOT within tolerance", said);
        }
    }

    [Fact]
    public void What_the_published_models_never_apply_changes_nothing()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.Siglip);
        ModelGoldens.Perturb(Path.Combine(folder.Path, "model.safetensors"), "model.vision_tower.vision_tower.vision_model.post_layernorm.weight", 0, 5);
        Assert.Equal(0, Verify([folder.Path]).Code);
    }

    [Fact]
    public void A_wrong_reference_value_is_named_with_its_place_and_both_values()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.Clip);
        ModelGoldens.Perturb(Path.Combine(folder.Path, "golden.safetensors"), "projected", 2 * 36 * 64 + 5 * 64 + 7, 0.5f);
        (int code, string said) = Verify([folder.Path]);
        Assert.Equal(1, code);
        Assert.Contains("projected[2, 5, 7] is ", said);
        Assert.Contains("verify: 1 of 2 files are NOT within tolerance", said);
    }

    [Fact]
    public void A_value_that_is_no_number_passes_nothing()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.Clip);
        ModelGoldens.Perturb(Path.Combine(folder.Path, "golden.safetensors"), "logits", 3, float.NaN);
        (int code, string said) = Verify([folder.Path]);
        Assert.Equal(1, code);
        Assert.Contains("logits[0, 3]: ", said);
        Assert.Contains("instead of NaN", said);
    }

    [Fact]
    public void A_tensor_that_nothing_here_computes_is_a_failure_and_not_passed_over()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.TiedShards);
        string file = Path.Combine(folder.Path, "golden.safetensors");
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(TensorFile.ReadAll(file)) { ["attention.0"] = zeros(new long[] { 2 }) };
        TensorFile.Write(file, tensors);
        (int code, string said) = Verify([folder.Path]);
        Assert.Equal(1, code);
        Assert.Contains("attention.0: this tensor is of no kind that is computed here, so it was not compared", said);
    }

    [Fact]
    public void Another_greedy_token_is_found()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.Siglip);
        string file = Path.Combine(folder.Path, "golden.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("[16, 43, 59", "[16, 43, 58", StringComparison.Ordinal));
        (int code, string said) = Verify([folder.Path]);
        Assert.Equal(1, code);
        Assert.Contains("greedy_tokens[2] is 59 instead of 58 (differences: 1)", said);
    }

    [Fact]
    public void Weights_that_do_not_fit_fail_in_a_sentence_and_the_next_path_is_still_checked()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.Siglip);
        string config = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"vocab_size\": 64", "\"vocab_size\": 65", StringComparison.Ordinal));
        (int code, string said) = Verify([folder.Path, ModelGoldens.Own(ModelGoldens.Clip)]);
        Assert.Equal(1, code);
        Assert.Contains("lm_head.weight is [64, 64], config.json asks for [65, 64]", said);
        Assert.Contains("verify: 1 of 3 files are NOT within tolerance", said);
    }

    [Fact]
    public void Pixels_of_another_size_than_the_tower_s_fail_in_a_sentence()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.Clip);
        string file = Path.Combine(folder.Path, "golden.safetensors");
        using var scope = NewDisposeScope();
        TensorFile.Write(file, new Dictionary<string, Tensor>(TensorFile.ReadAll(file)) { ["pixel_values"] = zeros(new long[] { 1, 3, 32, 32 }) });
        foreach (VerifyEngine engine in Enum.GetValues<VerifyEngine>())
        {
            (int code, string said) = Verify([folder.Path], engine);
            Assert.Equal(1, code);
            Assert.Contains("pixel_values is [1, 3, 32, 32]; this model takes [frames, 3, 24, 24]", said);
        }
    }

    [Fact]
    public void A_path_of_no_known_kind_ends_with_2_before_anything_is_computed()
    {
        using var folder = new TemporaryFolder();
        (int code, string said) = Verify([ModelGoldens.Own(ModelGoldens.Siglip), folder.Path]);
        Assert.Equal(2, code);
        Assert.Contains($"'{folder.Path}' is no reference that this build knows; known: a model folder (config.json and weights, golden.json, golden.safetensors)", said);
        Assert.DoesNotContain("ok  ", said);
        (code, said) = Verify([Path.Combine(folder.Path, "nothing")]);
        Assert.Equal(2, code);
        Assert.Contains("does not exist", said);
    }

    [Fact]
    public void What_the_serving_engine_cannot_run_is_said_before_it_is_tried()
    {
        using TemporaryFolder folder = ModelGoldens.Copy(ModelGoldens.Siglip);
        string config = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"num_attention_heads\": 4,", "\"num_attention_heads\": 8,", StringComparison.Ordinal));
        (int code, string said) = Verify([folder.Path], VerifyEngine.Onnx);
        Assert.Equal(1, code);
        Assert.Contains("have 8 numbers (hidden_size / num_attention_heads); ONNX Runtime's attention takes multiples of 16", said);
    }

    private static (int Code, string Said) Verify(string[] paths, VerifyEngine engine = VerifyEngine.Torch)
    {
        using var output = new StringWriter();
        int code = VerifyCommand.Run(paths, engine, details: false, output);
        return (code, output.ToString());
    }

    private static string[] SafetensorsFileNames(string folder) => [.. Tpo.Shared.Models.SafetensorsFile.ReadHeader(Path.Combine(folder, "golden.safetensors")).Keys];
}
