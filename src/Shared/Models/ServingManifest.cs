using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tpo.Shared.Models;

/// <summary>The type that a served model computes in: its weights, activations and cache.</summary>
public enum ServingType
{
    [JsonStringEnumMemberName("f32")] F32,
    [JsonStringEnumMemberName("f16")] F16,
    [JsonStringEnumMemberName("bf16")] BF16,
}

/// <summary>A weight file that graphs point into.</summary>
/// <param name="Name">in the model's folder, or beside the graphs where it was converted for them</param>
/// <param name="Location">what the graphs call it: the name of the real file, where the model's is a symbolic link</param>
/// <param name="Fingerprint">see <see cref="WeightFingerprint"/></param>
public sealed record ServedFile(string Name, string Location, string Fingerprint);

/// <summary>`serving.json` beside the graphs: what they were made of, so that they are never opened over other weights or another config.</summary>
public sealed record ServingManifest
{
    public const string FileName = "serving.json";
    /// <summary>The one weight file beside the graphs, where there is one.</summary>
    public const string ConvertedFile = "weights.safetensors";

    /// <summary>Rises with every change of what a server feeds the graphs or reads from them.</summary>
    public const int CurrentFormat = 2;

    public required int Format { get; init; }
    public required ServingType Dtype { get; init; }
    /// <summary>SHA-256 over the config that the graphs were built from.</summary>
    public required string Config { get; init; }
    /// <summary>Revision of the checkpoint: SHA-256 over its weight files.</summary>
    public required string Checkpoint { get; init; }
    /// <summary>Revision of what is served: the checkpoint's own, or another where adapters were merged or weights rounded to int8.</summary>
    public required string Revision { get; init; }
    /// <summary>The checkpoint's own files.</summary>
    public required IReadOnlyList<ServedFile> Files { get; init; }
    /// <summary>The one file beside the graphs that they point into, where the checkpoint's own would not do.</summary>
    public ServedFile? Converted { get; init; }
    /// <summary>Identities of the adapters that were merged, in order.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];
    /// <summary>Where the decoder's linear layers are in int8: the share of positions at which that changed nothing, as it was found at export.</summary>
    public double? Int8Agreement { get; init; }

    /// <exception cref="StaleExportException">there is none, or it is of another format: the graphs come from another build</exception>
    public static ServingManifest Read(string graphFolder)
    {
        var path = Path.Combine(graphFolder, FileName);
        if (!File.Exists(path))
            throw new StaleExportException($"'{graphFolder}' holds graphs of an older build: it has no {FileName}.");
        try
        {
            var manifest = JsonSerializer.Deserialize<ServingManifest>(File.ReadAllBytes(path), TpoJson.Options)!;
            return manifest.Format == CurrentFormat ? manifest
                : throw new StaleExportException($"'{graphFolder}' holds graphs of another build: '{path}' has format {manifest.Format}, this build reads {CurrentFormat}.");
        }
        catch (JsonException e)
        {
            throw new StaleExportException($"'{path}' is no manifest that this build reads ({e.Message.TrimEnd('.')}).", e);
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, TpoJson.Indented);

    public static string Identity(CheckpointConfig config) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(config)));
}

/// <summary>Graphs that were exported by another build, or from another config or other weights than those that lie there now.</summary>
public sealed class StaleExportException(string why, Exception? cause = null)
    : FileNotFoundException($"{why} Export it again: run the job's `export --model` for this model.", cause);
