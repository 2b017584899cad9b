using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>What is to be exported where.</summary>
public sealed record ExportOptions
{
    /// <summary>Folder for the graphs; the model folder's onnx/ if null.</summary>
    public string? Out { get; init; }
    /// <summary>What is computed in: f32 for the CPU, f16 or bf16 for CUDA.</summary>
    public ServingType Dtype { get; init; } = ServingType.F32;
    /// <summary>Folders of low-rank adapters, merged in this order.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];
    /// <summary>Rounds the decoder's linear layers to eight bits (CPU), if that agrees with f32 as <see cref="Int8Agreement"/> asks.</summary>
    public bool Int8 { get; init; }
    /// <summary>What the rounded model is compared on; general questions if empty.</summary>
    public IReadOnlyList<string> Questions { get; init; } = [];
    /// <summary>The config to build from; the folder's config.json if null.</summary>
    public CheckpointConfig? Config { get; init; }
}

/// <summary>
/// Writes a checkpoint's serving graphs. The weights stay in the checkpoint's safetensors files, at their offsets there, so an export writes
/// kilobytes; only where the serving type is another, or an adapter is merged, one converted file goes beside the graphs. Every graph is
/// opened in ONNX Runtime before anything is put in place.
/// </summary>
public static class OnnxExporter
{
    /// <exception cref="InvalidDataException">the checkpoint lacks something, or ONNX Runtime refuses a graph; the message says why</exception>
    public static ExportReport Export(string modelFolder, ExportOptions? options = null)
    {
        options ??= new ExportOptions();
        var clock = Stopwatch.StartNew();
        var config = options.Config ?? CheckpointConfig.Load(modelFolder);
        var folder = Path.GetFullPath(options.Out ?? Path.Combine(modelFolder, OnnxGraphs.Folder));
        var place = WeightPlace.Find(modelFolder);
        RefuseTheUnservable(modelFolder, config, options, folder, place);

        var tensors = WeightFiles.Tensors(modelFolder);
        var stored = new CheckpointWeights(modelFolder, tensors);
        // Built once to learn which tensors are used, and once more when it is known where they lie.
        Graphs(config, stored, options);
        using var adapters = new AdapterSet(options.Adapters, stored.Used.Concat(stored.Rounded).DistinctBy(weight => weight.Key).ToDictionary());
        var inPlace = adapters.None && !options.Int8 && stored.Used.Values.All(tensor => tensor.Entry.Dtype == options.Dtype.ToString());
        var converted = inPlace ? null : new ConvertedWeights(stored.Used, options.Dtype, stored.Rounded);
        var places = converted?.Places ?? tensors.ToDictionary(entry => entry.Key, entry => entry.Value with { File = Path.GetFileName(place.PathOf(entry.Value.File)) });
        var graphs = Graphs(config, new CheckpointWeights(modelFolder, places), options);

        using var stage = new ExportStage(folder);
        converted?.RefuseIfTooLarge(folder, modelFolder, new DriveInfo(folder).AvailableFreeSpace);
        var checkpoint = WeightFiles.Revision(modelFolder);
        var manifest = new ServingManifest
        {
            Format = ServingManifest.CurrentFormat,
            Dtype = options.Dtype,
            Config = ServingManifest.Identity(config),
            Checkpoint = checkpoint,
            Revision = adapters.None && !options.Int8 ? checkpoint : Hash([checkpoint, .. adapters.Identities, .. options.Int8 ? ["int8"] : Array.Empty<string>()]),
            Files = place.Describe(pointedInto: inPlace),
            Adapters = adapters.Identities,
        };
        if (converted is not null)
            manifest = manifest with { Converted = stage.Weights(manifest, converted.Header, path => converted.Write(path, modelFolder, adapters)) };
        var notOpened = GraphCheck.Open(modelFolder, inPlace ? place.Folder : stage.WeightFolder, graphs, options.Dtype);
        Int8Agreement? agreement = null;
        if (options.Int8)
        {
            agreement = stage.Kept is null ? Compare(modelFolder, config, options, stage.Assemble(graphs, manifest)) : null;
            manifest = manifest with { Int8Agreement = agreement?.Share ?? stage.Kept!.Int8Agreement };
        }
        return new ExportReport(stage.Folder, manifest, stage.Put(graphs, manifest), notOpened, agreement, clock.Elapsed.TotalSeconds);
    }

    private static void RefuseTheUnservable(string modelFolder, CheckpointConfig config, ExportOptions options, string folder, WeightPlace place)
    {
        if (config.HeadSize % 16 != 0)
            throw new InvalidDataException($"The decoder's heads of '{modelFolder}' have {config.HeadSize} numbers (hidden_size / num_attention_heads); ONNX Runtime's attention takes multiples of 16.");
        if (options is { Int8: true, Dtype: not ServingType.F32 })
            throw new InvalidDataException($"Weights are rounded to int8 for the CPU, which computes in f32; --dtype {options.Dtype} is for CUDA. Leave one of the two out.");
        // An export writes and removes files by fixed names.
        if (place.Folders.Contains(folder))
            throw new InvalidDataException($"The weights of '{modelFolder}' lie in '{folder}'; give the graphs a folder of their own (--out).");
    }

    /// <summary>Against the same export without rounding, made for this alone inside the unfinished one's folder.</summary>
    /// <exception cref="InvalidDataException">they agree too little</exception>
    private static Int8Agreement Compare(string modelFolder, CheckpointConfig config, ExportOptions options, string rounded)
    {
        var exact = Path.Combine(rounded, "f32");
        Export(modelFolder, options with { Int8 = false, Out = exact });
        var found = Int8Agreement.Measure(modelFolder, config, ExportedModel.Open(modelFolder, exact, config), ExportedModel.Open(modelFolder, rounded, config), options.Questions);
        return found.Share >= Int8Agreement.Least ? found : throw new InvalidDataException(
            FormattableString.Invariant($"With its linear layers in int8 the model finds {found}; less than {Int8Agreement.Least * 100:F0} % is not served. Nothing was put in place: leave --int8 out."));
    }

    private static Dictionary<string, byte[]> Graphs(CheckpointConfig config, CheckpointWeights weights, ExportOptions options) => new()
    {
        [OnnxGraphs.Vision] = VisionGraph.Build(config, weights, options.Dtype),
        [OnnxGraphs.Embed] = EmbeddingGraph.Build(config, weights, options.Dtype),
        [OnnxGraphs.Decoder] = DecoderGraph.Build(config, weights, options.Dtype, options.Int8),
    };

    private static string Hash(string[] parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
}
