using System.Text.Json;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// A checkpoint with the numbers that its own reference computed: from pixel_values and input_ids to every hidden state, logits and the
/// greedy continuation. Every tensor of golden.safetensors must be accounted for. Errors are max|Δ| / max|reference| a tensor.
/// </summary>
public sealed class ModelReference : IReferenceCheck
{
    private const double Tolerance = 1e-4;
    private const string Config = "config.json", Json = "golden.json", Tensors = "golden.safetensors";

    public string Describes => $"a model folder ({Config} and weights, {Json}, {Tensors})";

    public bool Recognises(string path) => new[] { Config, Json, Tensors }.All(name => File.Exists(Path.Combine(path, name)));

    public IEnumerable<ReferenceFile> Check(string path, VerifyEngine engine)
    {
        string tensors = Path.Combine(path, Tensors);
        ModelQuestion question = ModelQuestion.Read(path);
        ModelAnswers found = engine == VerifyEngine.Onnx ? OnnxNumbers.Compute(path, question) : TorchNumbers.Compute(path, question);

        IReadOnlyDictionary<string, TensorValues> expected = Read(tensors);
        string[] inside = [.. question.Tensors.Where(found.OutOfSight.Contains)];
        Finding[] findings = [.. question.Tensors.Except(inside).Where(name => name != ModelQuestion.Pixels).Select(name =>
            found.Tensors.TryGetValue(name, out TensorValues? values)
                ? TensorValues.Compare(name, expected[name], values, Tolerance)
                : Finding.Failed(name, "this tensor is of no kind that is computed here, so it was not compared"))];
        string unseen = inside.Length > 0 ? $", {inside.Length} lie inside the graphs ({string.Join(", ", inside)})" : "";
        yield return new ReferenceFile(tensors, $"{findings.Length} of {question.Tensors.Count} tensors compared, 1 goes in ({ModelQuestion.Pixels}){unseen}", findings);

        Finding greedy = Finding.Identical("greedy_tokens", question.Greedy, found.Greedy);
        yield return new ReferenceFile(Path.Combine(path, Json), $"{question.Greedy.Count} greedy tokens", [greedy]);

        if (found.OtherWays.Count > 0)
            yield return new ReferenceFile(path, $"logits and greedy tokens {string.Join(", ", found.OtherWays.Select(way => way.How))}",
                [.. found.OtherWays.SelectMany(way => Compare(way, way.Against?.Tensors["logits"] ?? expected["logits"], way.Against?.Greedy ?? question.Greedy))]);
    }

    /// <summary>Rows are compared with the reference's last ones: the way may begin behind the video.</summary>
    private static IEnumerable<Finding> Compare(OtherWay way, TensorValues logits, IReadOnlyList<int> greedy)
    {
        TensorValues last = new(way.Logits.Shape, [.. logits.Values.TakeLast(way.Logits.Values.Length)]);
        yield return TensorValues.Compare($"logits {way.How}", last, way.Logits, Tolerance);
        yield return Finding.Identical($"greedy_tokens {way.How}", greedy, way.Greedy);
    }

    private static IReadOnlyDictionary<string, TensorValues> Read(string path)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        return TensorFile.ReadAll(path).ToDictionary(entry => entry.Key, entry => TensorValues.Of(entry.Value), StringComparer.Ordinal);
    }
}

/// <summary>What goes into the model, and which answers the reference has.</summary>
/// <param name="InputIds">the prompt; −200 = the video</param>
/// <param name="TextOnlyIds">a prompt without a video; empty where the reference has none</param>
/// <param name="Greedy">the reference's likeliest tokens, one after the other; no stop token among them ends it</param>
/// <param name="Tensors">names of all tensors in the file</param>
public sealed record ModelQuestion(long[] InputIds, long[] TextOnlyIds, IReadOnlyList<int> Greedy, IReadOnlyCollection<string> Tensors)
{
    public const string Pixels = "pixel_values";

    /// <summary>Layouts of the video's rows that the reference has beside the config's own: newline modes and poolings.</summary>
    public IEnumerable<string> Layouts => Tensors.Where(name => name.StartsWith("inputs_embeds.", StringComparison.Ordinal)).Select(name => name["inputs_embeds.".Length..]);

    public static ModelQuestion Read(string folder)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json")));
        IReadOnlyDictionary<string, SafetensorsEntry> entries = SafetensorsFile.ReadHeader(Path.Combine(folder, "golden.safetensors"));
        if (!entries.TryGetValue(Pixels, out SafetensorsEntry? pixels))
            throw new InvalidDataException($"'{folder}': golden.safetensors has no {Pixels}, so nothing can be computed from it.");
        int side = CheckpointConfig.Load(folder).Vision.ImageSize;
        if (pixels.Shape is not [> 0, 3, var height, var width] || height != side || width != side)
            throw new InvalidDataException($"'{folder}': {Pixels} is [{string.Join(", ", pixels.Shape)}]; this model takes [frames, 3, {side}, {side}].");
        long[] Ids(string key) => [.. json.RootElement.GetProperty(key).EnumerateArray().Select(id => id.GetInt64())];
        return new ModelQuestion(
            Ids("input_ids"), json.RootElement.TryGetProperty("text_only_ids", out _) ? Ids("text_only_ids") : [], [.. Ids("greedy_tokens").Select(id => (int)id)], [.. entries.Keys]);
    }

    /// <summary>The config of a layout: a newline mode or a pooling in place of its own. The weights are the same.</summary>
    public static CheckpointConfig WithLayout(CheckpointConfig config, string layout) => layout switch
    {
        "grid" or "frame" or "one_token" or "no_token" => config with { NewlinePosition = layout },
        "bilinear" or "average" => config with { PoolMode = layout },
        _ => throw new InvalidDataException($"'inputs_embeds.{layout}' is of no known layout; known: grid, frame, one_token, no_token, bilinear, average."),
    };
}

/// <summary>What an engine computed.</summary>
/// <param name="OutOfSight">tensors that this engine computes without showing them</param>
public sealed record ModelAnswers(IReadOnlyDictionary<string, TensorValues> Tensors, IReadOnlyList<int> Greedy, IReadOnlyCollection<string> OutOfSight)
{
    /// <summary>The same question answered on the engine's other ways.</summary>
    public IReadOnlyList<OtherWay> OtherWays { get; init; } = [];
}

/// <summary>The question's answer on another way through an engine.</summary>
/// <param name="How">"prefix reused"</param>
/// <param name="Logits">behind the prompt's last rows [R, vocabulary]</param>
/// <param name="Against">what it is compared with, if not the reference</param>
public sealed record OtherWay(string How, TensorValues Logits, IReadOnlyList<int> Greedy, ModelAnswers? Against = null);
