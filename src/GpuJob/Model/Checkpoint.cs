using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>A model folder in the Hugging Face layout: config.json, tokenizer files, weights in one or several safetensors files.</summary>
public static class Checkpoint
{
    private const string ConfigFile = "config.json";
    /// <summary>The tower's final norm: published checkpoints carry it, but nothing computes with it, so it may be absent.</summary>
    private const string NeverApplied = ".post_layernorm.";
    private static readonly string[] WeightTypes = ["F32", "F16", "BF16", "F64"];
    private static readonly string[] TokenizerFiles = ["tokenizer.json", "tokenizer_config.json"];

    /// <summary>Builds the model that config.json describes and fills it, whatever type the files hold (f32, f16, bf16, f64).</summary>
    /// <param name="type">of the parameters</param>
    public static LlavaQwenForCausalLM Load(string folder, ScalarType type = ScalarType.Float32)
    {
        // A damaged file, or one of another model, is found before anything of the model's size is allocated.
        CheckpointConfig config = CheckpointConfig.Load(folder);
        IReadOnlyDictionary<string, StoredTensor> stored = WeightFiles.Tensors(folder);
        CheckNames(folder, TensorShapes.Of(config), stored);
        var model = new LlavaQwenForCausalLM(config);
        if (type != ScalarType.Float32)
            model.to(type);
        Fill(model, folder, stored);
        return model;
    }

    /// <summary>Fills a model. One error names every tensor that is missing, not of this model, or of another shape; then nothing was changed.</summary>
    public static void LoadWeights(LlavaQwenForCausalLM model, string folder) => Fill(model, folder, WeightFiles.Tensors(folder));

    private static void Fill(LlavaQwenForCausalLM model, string folder, IReadOnlyDictionary<string, StoredTensor> stored)
    {
        Dictionary<string, Parameter> parameters = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        CheckNames(folder, parameters.ToDictionary(entry => entry.Key, entry => entry.Value.shape), stored);
        foreach ((string name, Parameter parameter) in parameters)
            if (stored.TryGetValue(name, out StoredTensor? found))
                TensorFile.ReadInto(parameter, Path.Combine(folder, found.File), found.Entry);
    }

    /// <summary>
    /// Writes the weights as one safetensors file, copies the tokenizer's files from the folder the model came from, and its config.json
    /// with the type that was written. The same weights give the same bytes.
    /// </summary>
    public static void Save(LlavaQwenForCausalLM model, string folder, string companionsFrom, ScalarType type = ScalarType.Float32)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in TokenizerFiles)
            if (File.Exists(Path.Combine(companionsFrom, name)))
                File.Copy(Path.Combine(companionsFrom, name), Path.Combine(folder, name), overwrite: true);
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(companionsFrom, ConfigFile)))!.AsObject();
        config["torch_dtype"] = type.ToString().ToLowerInvariant();
        File.WriteAllText(Path.Combine(folder, ConfigFile), config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        SaveWeights(model, Path.Combine(folder, WeightFiles.Single), type);
    }

    /// <summary>The weights alone, as one safetensors file.</summary>
    public static void SaveWeights(LlavaQwenForCausalLM model, string path, ScalarType type = ScalarType.Float32) =>
        TensorFile.Write(path, model.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter), type);

    private static void CheckNames(
        string folder, IReadOnlyDictionary<string, long[]> wanted, IReadOnlyDictionary<string, StoredTensor> stored)
    {
        string Shape(long[] shape) => $"[{string.Join(", ", shape)}]";
        List<string> problems =
        [
            .. wanted.Keys.Except(stored.Keys).Where(name => !name.Contains(NeverApplied, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => $"missing: {name}"),
            .. stored.Keys.Except(wanted.Keys).Order(StringComparer.Ordinal).Select(name => $"not of this model: {name}"),
            .. wanted.Keys.Intersect(stored.Keys).Order(StringComparer.Ordinal)
                .Where(name => !wanted[name].SequenceEqual(stored[name].Entry.Shape))
                .Select(name => $"{name} is {Shape(stored[name].Entry.Shape)}, config.json asks for {Shape(wanted[name])}"),
            .. wanted.Keys.Intersect(stored.Keys).Order(StringComparer.Ordinal)
                .Where(name => !WeightTypes.Contains(stored[name].Entry.Dtype))
                .Select(name => $"{name} has the type {stored[name].Entry.Dtype}, weights are {string.Join(", ", WeightTypes)}"),
        ];
        if (problems.Count > 0)
            throw new InvalidDataException($"The weights in '{folder}' do not fit its config.json:\n  {string.Join("\n  ", problems)}");
    }
}
