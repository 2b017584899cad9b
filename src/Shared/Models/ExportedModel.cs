using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>A model's serving graphs, found to belong to the weights and the config that lie in its folder now.</summary>
public sealed class ExportedModel
{
    private readonly string _graphFolder;
    private readonly string _weightFolder;

    private ExportedModel(string graphFolder, string weightFolder, ServingManifest manifest) =>
        (_graphFolder, _weightFolder, Manifest) = (graphFolder, weightFolder, manifest);

    public ServingManifest Manifest { get; }
    /// <summary>Half precision is computed on the GPU, f32 on the CPU.</summary>
    public bool OnCuda => Manifest.Dtype != ServingType.F32;

    /// <summary>Size of the files that the graphs point into.</summary>
    public long WeightBytes => (Manifest.Converted is { } converted ? [converted] : Manifest.Files).Sum(file => new FileInfo(Path.Combine(_weightFolder, file.Location)).Length);

    /// <summary>Reads the manifest and compares; no graph is opened yet.</summary>
    /// <param name="graphFolder">where the graphs lie if not in the model folder's onnx/</param>
    /// <param name="config">what the graphs must have been built from, if not the folder's config.json</param>
    /// <exception cref="FileNotFoundException">the model has not been exported</exception>
    /// <exception cref="StaleExportException">it has been, but from something else</exception>
    public static ExportedModel Open(string modelFolder, string? graphFolder = null, CheckpointConfig? config = null)
    {
        var graphs = graphFolder ?? Path.Combine(modelFolder, OnnxGraphs.Folder);
        foreach (var graph in OnnxGraphs.All.Where(graph => !File.Exists(Path.Combine(graphs, graph))))
            throw new FileNotFoundException(
                $"The model is not exported for serving: '{Path.Combine(graphs, graph)}' does not exist. Run the job's `export --model {modelFolder}`.", Path.Combine(graphs, graph));
        var manifest = ServingManifest.Read(graphs);
        if (manifest.Config != ServingManifest.Identity(config ?? CheckpointConfig.Load(modelFolder)))
            throw new StaleExportException($"config.json of '{modelFolder}' has changed since its graphs in '{graphs}' were exported.");
        var place = WeightPlace.Find(modelFolder);
        if (!manifest.Files.SequenceEqual(place.Describe(pointedInto: manifest.Converted is null)))
            throw new StaleExportException($"The weights of '{modelFolder}' are others than those that its graphs in '{graphs}' were exported from.");
        if (manifest.Converted is not { } converted)
            return new ExportedModel(graphs, place.Folder, manifest);
        if (converted.Name != Path.GetFileName(converted.Name) || !File.Exists(Path.Combine(graphs, converted.Name)))
            throw new StaleExportException($"'{graphs}' lacks '{converted.Name}', the weights that were converted for serving.");
        if (WeightFingerprint.Of(Path.Combine(graphs, converted.Name)) != converted.Fingerprint)
            throw new StaleExportException($"'{Path.Combine(graphs, converted.Name)}' holds other weights than were converted for serving.");
        return new ExportedModel(graphs, graphs, manifest);
    }

    /// <exception cref="NotSupportedException">the graphs are of a type that needs CUDA, which is not here</exception>
    public InferenceSession Session(string graph, ServingOptions options)
    {
        if (OnCuda && !OnnxGraphs.HasCuda)
            throw new NotSupportedException(
                $"The graphs in '{_graphFolder}' compute in {Manifest.Dtype}, for ONNX Runtime's CUDA provider, which is not here. Export the model with --dtype f32 to serve it on the CPU.");
        return OnnxGraphs.Open(_weightFolder, File.ReadAllBytes(Path.Combine(_graphFolder, graph)), options, OnCuda);
    }
}
