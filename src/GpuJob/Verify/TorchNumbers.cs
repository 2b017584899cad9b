using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Verify;

/// <summary>Every intermediate tensor of the model in TorchSharp, each computed from this model's own, from the pixels on.</summary>
public static class TorchNumbers
{
    public static ModelAnswers Compute(string folder, ModelQuestion question)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        LlavaQwenForCausalLM model = Checkpoint.Load(folder);
        var found = new Dictionary<string, TensorValues>(StringComparer.Ordinal);

        string goldens = Path.Combine(folder, "golden.safetensors");
        Tensor pixels = TensorFile.Read(goldens, SafetensorsFile.ReadHeader(goldens)[ModelQuestion.Pixels]);
        Tensor patches = model.EncodeFrames(pixels.to_type(ScalarType.Float32).to(model.Device));
        Tensor projected = model.Project(patches);
        found["vision_hidden"] = TensorValues.Of(patches);
        found["projected"] = TensorValues.Of(projected);
        found["pooled"] = TensorValues.Of(VideoTokens.Pool(projected, model.Config));

        Tensor embeds = PlainSequence.Embed(model, question.InputIds, model.ProjectFrames(patches));
        found["inputs_embeds"] = TensorValues.Of(embeds);
        IReadOnlyList<Tensor> states = PlainSequence.HiddenStates(model, embeds);
        for (var i = 0; i < states.Count; i++)
            found[$"decoder_hidden.{i}"] = TensorValues.Of(states[i]);
        found["logits"] = TensorValues.Of(model.Logits(states[^1]));

        foreach (string layout in question.Layouts)
        {
            Tensor rows = PlainSequence.Embed(model, question.InputIds, model.ProjectFrames(patches, ModelQuestion.WithLayout(model.Config, layout)));
            found[$"inputs_embeds.{layout}"] = TensorValues.Of(rows);
            found[$"last_logits.{layout}"] = TensorValues.Of(PlainSequence.LastLogits(model, rows).unsqueeze(0));
        }
        if (question.TextOnlyIds.Length > 0)
            found["text_only_logits"] = TensorValues.Of(model.Logits(PlainSequence.HiddenStates(model, PlainSequence.Embed(model, question.TextOnlyIds, null))[^1]));

        var greedy = Generation.Generate(model, embeds, new GenerationChoices(question.Greedy.Count));
        return new ModelAnswers(found, greedy, []);
    }
}
