using System.Text.Json.Nodes;
using Tpo.GpuJob.Verify;
using Tpo.Tests.Unit.Serving;
using Xunit.Abstractions;

namespace Tpo.Tests.Unit.Training;

/// <summary>
/// Losses, log-probs, rewards, gradients and weights of whole training runs equal those of implementations in f64 that have each answer in
/// a sequence of its own: the small one of the repository (goldens/reference.py) and the published trainer.
/// </summary>
public sealed class PreferenceReferenceTests(ITestOutputHelper output)
{
    private const string Small = "preference";

    [Fact]
    public void Full_training_smoothed_dpo_and_an_adapter_equal_the_reference()
    {
        (int exit, string[] lines) = Verify(Goldens.Own("Training", "goldens", Small));
        Assert.Equal(0, exit);
        Assert.Equal(["'paper'", "'smoothed'", "'lora'"], lines[..3].Select(line => line.Split(' ').Single(word => word.StartsWith('\'')).TrimEnd(':')));
    }

    [Fact]
    public void So_does_every_way_of_computing_them()
    {
        string[] lines = Verify(Goldens.Own("Training", "goldens", Small)).Lines;
        foreach (PreferenceWay way in PreferenceWay.All)
            Assert.Equal(3, lines.Count(line => line.StartsWith("ok  ", StringComparison.Ordinal) && line.Contains($"in {way.Name}:", StringComparison.Ordinal)));
    }

    [GoldenFact("dpo")]
    public void So_do_ten_steps_on_llava_video_and_every_row_of_the_loss_table() => Assert.Equal(0, Verify(Goldens.Folder("dpo")!).Exit);

    [GoldenFact("dpo-longva")]
    public void So_do_ten_steps_on_longva() => Assert.Equal(0, Verify(Goldens.Folder("dpo-longva")!).Exit);

    [Theory]
    [InlineData("runs.paper.steps.2.losses/sft", "step 2 losses/sft")]
    [InlineData("runs.paper.steps.1.logps/rejected.1", "step 1 logps/rejected of pair 1")]
    [InlineData("runs.smoothed.steps.2.rewards/margins", "step 2 rewards/margins")]
    [InlineData("runs.smoothed.reference_logps/chosen.0", "reference_logps/chosen of pair 0")]
    [InlineData("runs.lora.steps.1.grad_norm", "step 1 grad_norm")]
    [InlineData("runs.paper.gradient_norms.2.model.image_newline", "step 2 norm of the gradient of model.image_newline")]
    [InlineData("runs.lora.settings.lora_alpha", "step 1 logps/chosen of pair")]
    [InlineData("runs.smoothed.settings.wd", "change in 3 steps of model.mm_projector.0.weight")]
    [InlineData("runs.smoothed.settings.clip_grad_norm", "change in 3 steps of model.mm_projector.0.weight")]
    public void A_number_a_thousandth_off_or_another_setting_is_found_and_named(string changed, string where)
    {
        using var folder = new TemporaryFolder();
        Copy(Goldens.Own("Training", "goldens", Small), folder.Path);
        string json = Path.Combine(folder.Path, "golden.json");
        JsonNode golden = JsonNode.Parse(File.ReadAllText(json))!;
        Change(golden, changed);
        File.WriteAllText(json, golden.ToJsonString());
        (int exit, string[] lines) = Verify(folder.Path);
        Assert.Equal(1, exit);
        Assert.Contains(lines, line => line.Contains("OVER", StringComparison.Ordinal) && line.Contains(where, StringComparison.Ordinal));
    }

    [Fact]
    public void A_reference_tensor_that_nothing_is_compared_with_fails()
    {
        using var folder = new TemporaryFolder();
        Copy(Goldens.Own("Training", "goldens", Small), folder.Path);
        string json = Path.Combine(folder.Path, "golden.json");
        JsonNode golden = JsonNode.Parse(File.ReadAllText(json))!;
        golden["runs"]!.AsObject().Remove("smoothed");
        golden["runs"]!["paper"]!["steps"]!.AsArray().RemoveAt(2);
        File.WriteAllText(json, golden.ToJsonString());
        (int exit, string[] lines) = Verify(folder.Path);
        Assert.Equal(1, exit);
        Assert.Contains(lines, line => line.Contains("grad2.model.layers.0.self_attn.o_proj.weight: this tensor is of no step", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("smoothed.grad0.model.mm_projector.0.weight: golden.json has no run", StringComparison.Ordinal));
    }

    private (int Exit, string[] Lines) Verify(string folder)
    {
        using var text = new StringWriter();
        int exit = VerifyCommand.Run([folder], VerifyEngine.Torch, details: false, text);
        output.WriteLine(text.ToString());
        return (exit, text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Multiplies the number at a path by 1.001, or by 1.2 where it is a setting. Names of parameters have dots, so they come last.</summary>
    private static void Change(JsonNode node, string path)
    {
        string[] parts = path.Split('.', path.Contains("gradient_norms", StringComparison.Ordinal) ? 5 : int.MaxValue);
        foreach (string part in parts[..^1])
            node = node is JsonArray list ? list[int.Parse(part)]! : node[part]!;
        double factor = path.Contains("settings", StringComparison.Ordinal) ? 1.2 : 1.001;
        if (node is JsonArray values)
            values[int.Parse(parts[^1])] = values[int.Parse(parts[^1])]!.GetValue<double>() * factor;
        else
            node[parts[^1]] = node[parts[^1]]!.GetValue<double>() * factor;
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
