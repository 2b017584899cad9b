using System.Text.Json;
using System.Text.Json.Serialization;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// A folder of preference training's reference numbers: golden.json (this record), golden.safetensors (whole gradients and weights),
/// videos.safetensors (`pixel_values.PAIR`), and what a run starts from.
/// </summary>
/// <param name="Model">the checkpoint's folder, by name: beside this folder, in `models` beside it, or inside it</param>
public sealed record PreferenceGolden(string Model, IReadOnlyList<PreferenceGolden.Pair> Pairs, IReadOnlyDictionary<string, PreferenceGolden.Run> Runs)
{
    public const string Json = "golden.json", Tensors = "golden.safetensors", Videos = "videos.safetensors";
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [JsonIgnore] public string Folder { get; private init; } = "";

    /// <summary>One pair as a trainer with two sequences has it: ids with −200 for the video, labels with −100 for what is not scored.</summary>
    public sealed record Pair(int[] ChosenInputIds, int[] ChosenLabels, int[] RejectedInputIds, int[] RejectedLabels);

    /// <summary>One training run. LabelTokens: scored tokens a sequence, all chosen ones first.</summary>
    public sealed record Run(Settings Settings, int[] LabelTokens, IReadOnlyList<Step> Steps)
    {
        [JsonPropertyName("reference_logps/chosen")] public required double[] ReferenceChosen { get; init; }
        [JsonPropertyName("reference_logps/rejected")] public required double[] ReferenceRejected { get; init; }
        /// <summary>By step, then by parameter: the gradient's norm before clipping.</summary>
        public IReadOnlyDictionary<int, IReadOnlyDictionary<string, double>> GradientNorms { get; init; } = new Dictionary<int, IReadOnlyDictionary<string, double>>();
    }

    /// <summary>Alpha weighs the DPO term, Gamma the SFT term; R is there where an adapter is trained, which starts from the file Start.</summary>
    public sealed record Settings(double Beta, double Alpha, double Gamma, double Lr, double ClipGradNorm)
    {
        public double Smoothing { get; init; }
        public double Wd { get; init; }
        public double[] Adam { get; init; } = [0.9, 0.999, 1e-8];
        public int? R { get; init; }
        public double? LoraAlpha { get; init; }
        public string? Start { get; init; }
    }

    /// <summary>One step's numbers, those of the weights before it; means over the pairs but for the log-probs, which are one a pair.</summary>
    [method: JsonConstructor]
    public sealed record Step([property: JsonPropertyName("step")] int Index, double Loss, double GradNorm)
    {
        [JsonPropertyName("losses/dpo")] public required double Dpo { get; init; }
        [JsonPropertyName("losses/sft")] public required double Sft { get; init; }
        [JsonPropertyName("rewards/chosen")] public required double RewardChosen { get; init; }
        [JsonPropertyName("rewards/rejected")] public required double RewardRejected { get; init; }
        [JsonPropertyName("rewards/margins")] public required double Margin { get; init; }
        [JsonPropertyName("rewards/accuracies")] public required double Accuracy { get; init; }
        [JsonPropertyName("logps/chosen")] public required double[] LogProbsChosen { get; init; }
        [JsonPropertyName("logps/rejected")] public required double[] LogProbsRejected { get; init; }
    }

    public string ModelFolder
    {
        get
        {
            string[] places = [Path.Combine(Folder, Model), Path.Combine(Folder, "..", "models", Model), Path.Combine(Folder, "..", Model)];
            return places.FirstOrDefault(Directory.Exists) is { } found ? Path.GetFullPath(found)
                : throw new FileNotFoundException($"'{Folder}' is about the model '{Model}', which is in none of: {string.Join(", ", places.Select(Path.GetFullPath))}.");
        }
    }

    public string FileIn(string name) => Path.Combine(Folder, name);

    /// <exception cref="InvalidDataException">The file is not of this form.</exception>
    public static PreferenceGolden Load(string folder)
    {
        string path = Path.Combine(folder, Json);
        try
        {
            return JsonSerializer.Deserialize<PreferenceGolden>(File.ReadAllBytes(path), Names)! with { Folder = Path.GetFullPath(folder) };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' has no preference runs in the form that is checked: {e.Message}", e);
        }
    }
}
