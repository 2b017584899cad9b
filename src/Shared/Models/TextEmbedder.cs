using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>Token ids to embeddings [T, d], row-major.</summary>
public sealed class TextEmbedder(ExportedModel model, ServingOptions options) : IDisposable
{
    private readonly InferenceSession _session = model.Session(OnnxGraphs.Embed, options);

    public float[] Embed(IReadOnlyList<int> ids)
    {
        long[] wide = [.. ids];
        using var input = OrtValue.CreateTensorValueFromMemory(wide, [wide.Length]);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, [OnnxGraphs.InputIds], [input], [OnnxGraphs.InputsEmbeds]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose() => _session.Dispose();
}
