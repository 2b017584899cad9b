using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tpo.GpuJob.Export;

/// <summary>What PEFT's `adapter_config.json` says about the arithmetic: rank and α, the same for all layers or by pattern.</summary>
public sealed class AdapterConfig
{
    public const string FileName = "adapter_config.json";

    /// <summary>Kinds of adapters and additions that are something else than W + (α / r) · B A; each must be absent, false, empty or "none".</summary>
    private static readonly string[] NotComputed =
    [
        "use_dora", "fan_in_fan_out", "bias", "lora_bias", "modules_to_save", "layer_replication",
        "trainable_token_indices", "target_parameters", "alora_invocation_tokens", "use_qalora",
    ];

    private readonly int _rank;
    private readonly double _alpha;
    private readonly bool _rankStabilised;
    private readonly (Regex Layer, double Value)[] _ranks;
    private readonly (Regex Layer, double Value)[] _alphas;

    private AdapterConfig(string path, JsonObject json)
    {
        if ((string?)json["peft_type"] is not "LORA")
            throw new InvalidDataException($"'{path}' has peft_type = {json["peft_type"]?.ToJsonString() ?? "nothing"}; only LORA can be merged.");
        foreach (var key in NotComputed.Where(key => !IsOff(json[key])))
            throw new InvalidDataException($"'{path}' has {key} = {json[key]!.ToJsonString()}; merging computes plain low-rank adapters only, without it.");
        if (json["init_lora_weights"] is JsonValue start && start.TryGetValue(out string? kind) && kind != "gaussian")
            throw new InvalidDataException($"'{path}' has init_lora_weights = \"{kind}\": such an adapter belongs to weights that were changed at its start; save it as a plain one first.");
        _rank = json["r"]?.GetValue<int>() ?? throw new InvalidDataException($"'{path}' has no r, the adapter's rank.");
        _alpha = json["lora_alpha"]?.GetValue<double>() ?? throw new InvalidDataException($"'{path}' has no lora_alpha.");
        if (_rank < 1 || !double.IsFinite(_alpha))
            throw new InvalidDataException($"'{path}' has r = {_rank} and lora_alpha = {_alpha}; a rank is at least 1.");
        _rankStabilised = json["use_rslora"]?.GetValue<bool>() ?? false;
        _ranks = Patterns(json["rank_pattern"]);
        _alphas = Patterns(json["alpha_pattern"]);
    }

    public long RankOf(string layer) => (long)ValueFor(layer, _ranks, _rank);

    /// <summary>α / r, or α / √r for rank-stabilised adapters.</summary>
    public double ScaleOf(string layer)
    {
        double rank = RankOf(layer), alpha = ValueFor(layer, _alphas, _alpha);
        return alpha / (_rankStabilised ? Math.Sqrt(rank) : rank);
    }

    /// <exception cref="FileNotFoundException">the folder has no such file</exception>
    /// <exception cref="InvalidDataException">it is no JSON of that kind, or asks for something that is not computed here; the message names it</exception>
    public static AdapterConfig Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{folder}' is no adapter: it has no {FileName}.", path);
        try
        {
            return new AdapterConfig(path, JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new InvalidDataException($"'{path}' is no JSON object."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' is no adapter's config: {e.Message}", e);
        }
    }

    /// <summary>Writes the config of a plain adapter of one rank over these layers, so that PEFT finds them and no others.</summary>
    /// <param name="baseModel">the model that it belongs to, by its name</param>
    public static void Write(string folder, int rank, double alpha, IEnumerable<string> layers, string baseModel) => File.WriteAllText(
        Path.Combine(folder, FileName),
        new JsonObject
        {
            ["peft_type"] = "LORA",
            ["task_type"] = "CAUSAL_LM",
            ["base_model_name_or_path"] = baseModel,
            ["r"] = rank,
            ["lora_alpha"] = alpha,
            ["lora_dropout"] = 0.0,
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            // A vision tower has layers of the same last names, so a list of those would name them too; as a pattern it is matched whole.
            ["target_modules"] = $"({string.Join('|', layers.Select(Regex.Escape))})",
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

    private static bool IsOff(JsonNode? value) => value switch
    {
        null => true,
        JsonArray list => list.Count == 0,
        JsonObject map => map.Count == 0,
        _ => value.ToJsonString() is "false" or "\"none\"",
    };

    /// <summary>A pattern stands for layers whose name it is, or that end in a dot and it.</summary>
    private static (Regex, double)[] Patterns(JsonNode? patterns) =>
        [.. (patterns?.AsObject() ?? []).Select(entry => (new Regex($@"^(.*\.)?({entry.Key})$", RegexOptions.NonBacktracking), entry.Value!.GetValue<double>()))];

    private static double ValueFor(string layer, (Regex Layer, double Value)[] patterns, double otherwise) =>
        patterns.Where(pattern => pattern.Layer.IsMatch(layer)).Select(pattern => pattern.Value).FirstOrDefault(otherwise);
}
