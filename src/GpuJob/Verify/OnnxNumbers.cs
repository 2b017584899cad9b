using System.Runtime.InteropServices;
using Tpo.GpuJob.Export;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// What the serving engine computes: graphs are exported into a folder of their own and point into the checkpoint's own
/// files, which stay as they are; the video's rows, the logits behind every row and the greedy tokens come out of ONNX Runtime. The rows of
/// another layout come from the same weights exported with another config.
/// </summary>
public sealed class OnnxNumbers : IDisposable
{
    private readonly DirectoryInfo _graphs = Directory.CreateTempSubdirectory("tpo-verify-");
    private readonly string _folder;

    private OnnxNumbers(string folder) => _folder = folder;

    public static ModelAnswers Compute(string folder, ModelQuestion question)
    {
        using var numbers = new OnnxNumbers(folder);
        return numbers.Compute(CheckpointConfig.Load(folder), question, Frames(folder));
    }

    public void Dispose() => _graphs.Delete(recursive: true);

    private ExportedModel Export(CheckpointConfig config)
    {
        OnnxExporter.Export(_folder, new ExportOptions { Out = _graphs.FullName, Config = config });
        return ExportedModel.Open(_folder, _graphs.FullName, config);
    }

    private ModelAnswers Compute(CheckpointConfig config, ModelQuestion question, float[][] frames)
    {
        var found = new Dictionary<string, TensorValues>(StringComparer.Ordinal);
        ExportedModel model = Export(config);
        using var text = new TextEmbedder(model, new ServingOptions());
        using var decoder = new Decoder(model, config, new ServingOptions());

        float[] prompt = Prompt(model, config, text, question, frames);
        using KeyValueCache cache = decoder.NewCache(prompt.Length / config.HiddenSize + question.Greedy.Count);
        float[] logits = decoder.AppendAndScore(cache, prompt);
        found["inputs_embeds"] = found["decoder_hidden.0"] = Rows(prompt, config.HiddenSize);
        found["logits"] = Rows(logits, config.VocabularySize);
        IReadOnlyList<int> greedy = Greedy(decoder, text, cache, logits[^config.VocabularySize..], question.Greedy.Count);

        if (question.TextOnlyIds.Length > 0)
        {
            cache.Rewind(0);
            found["text_only_logits"] = Rows(decoder.AppendAndScore(cache, text.Embed(Ids(question.TextOnlyIds))), config.VocabularySize);
        }
        foreach (string layout in question.Layouts)
        {
            CheckpointConfig other = ModelQuestion.WithLayout(config, layout);
            float[] rows = Prompt(Export(other), other, text, question, frames);
            using KeyValueCache fresh = decoder.NewCache(rows.Length / config.HiddenSize);
            found[$"inputs_embeds.{layout}"] = Rows(rows, config.HiddenSize);
            found[$"last_logits.{layout}"] = Rows(decoder.Append(fresh, rows, default), config.VocabularySize);
        }
        found["pooled"] = Pooled(config, frames);
        string[] inside = ["vision_hidden", "projected", .. Enumerable.Range(1, config.Layers).Select(layer => $"decoder_hidden.{layer}")];
        return new ModelAnswers(found, greedy, inside)
        {
            OtherWays =
            [
                new OtherWay("against TorchSharp", found["logits"], greedy, TorchNumbers.Compute(_folder, question)),
                .. new ServingPaths(decoder, text, config, question).Answers(prompt),
            ],
        };
    }

    /// <summary>The text's rows and the video's, as the serving engine lays them out. [T · d]</summary>
    private static float[] Prompt(ExportedModel model, CheckpointConfig config, TextEmbedder text, ModelQuestion question, float[][] frames)
    {
        using var vision = new VisionEncoder(model, config, new ServingOptions());
        int place = Array.IndexOf(question.InputIds, Model.PlainSequence.VideoToken);
        return [.. text.Embed(Ids(question.InputIds[..place])), .. vision.Encode(frames, default), .. text.Embed(Ids(question.InputIds[(place + 1)..]))];
    }

    /// <summary>Without newlines the video's rows are the pooled patches. [F, q · q, d]</summary>
    private TensorValues Pooled(CheckpointConfig config, float[][] frames)
    {
        CheckpointConfig plain = config with { NewlinePosition = "no_token" };
        using var vision = new VisionEncoder(Export(plain), plain, new ServingOptions());
        return TensorValues.Of([frames.Length, config.PooledPerSide * config.PooledPerSide, config.HiddenSize], vision.Encode(frames, default));
    }

    private static List<int> Greedy(Decoder decoder, TextEmbedder text, KeyValueCache cache, float[] logits, int count)
    {
        var tokens = new List<int>();
        while (tokens.Count < count)
        {
            tokens.Add(TokenSampler.Likeliest(logits));
            logits = decoder.Append(cache, text.Embed([tokens[^1]]), default);
        }
        return tokens;
    }

    /// <summary>The reference's pixels, one array [3 · S · S] a frame.</summary>
    private static float[][] Frames(string folder)
    {
        string path = Path.Combine(folder, "golden.safetensors");
        SafetensorsEntry entry = SafetensorsFile.ReadHeader(path)[ModelQuestion.Pixels];
        if (entry.Dtype != "F32")
            throw new InvalidDataException($"'{path}': {ModelQuestion.Pixels} is {entry.Dtype}; the serving engine takes F32.");
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[entry.Length];
        file.Position = entry.Offset;
        file.ReadExactly(bytes);
        return [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Chunk((int)(entry.Length / sizeof(float) / entry.Shape[0]))];
    }

    private static TensorValues Rows(float[] values, int width) => TensorValues.Of([values.Length / width, width], values);

    private static int[] Ids(long[] ids) => [.. ids.Select(id => (int)id)];
}
