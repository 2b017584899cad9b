namespace Tpo.Shared.Models;

/// <summary>Lineage of a model. Blob: `models/{modelId}/model.json`, beside config.json, *.safetensors, tokenizer.json and onnx/.</summary>
public sealed record ModelCard
{
    public int SchemaVersion { get; init; } = 1;
    public required string ModelId { get; init; }
    /// <summary>SHA-256 over the weights file(s): the revision that every lineage names.</summary>
    public required string Revision { get; init; }
    public string? BaseModel { get; init; }
    public string? TrainingRun { get; init; }
    public string? Dataset { get; init; }
    public string? Note { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
