using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Tpo.GpuJob.Export;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// What the serving engine computes: a copy of the folder is exported, the video's rows, the logits behind every row and the greedy tokens
/// come out of ONNX Runtime. The rows of another layout come from the same weights exported with another config.json.
/// </summary>
public static class OnnxNumbers
{
    public static ModelAnswers Compute(string folder, ModelQuestion question)
    {
        DirectoryInfo copy = Directory.CreateTempSubdirectory("tpo-verify-");
        try
        {
            foreach (string name in WeightFiles.List(folder).Append("config.json").Concat(File.Exists(Path.Combine(folder, WeightFiles.Index)) ? [WeightFiles.Index] : []))
                File.Copy(Path.Combine(folder, name), Path.Combine(copy.FullName, name));
            return Compute(copy.FullName, CheckpointConfig.Load(folder), question, Frames(folder));
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static ModelAnswers Compute(string folder, CheckpointConfig config, ModelQuestion question, float[][] frames)
    {
        var found = new Dictionary<string, TensorValues>(StringComparer.Ordinal);
        OnnxExporter.Export(folder);
        using var text = new TextEmbedder(ExportedModel.Open(folder), new ServingOptions());
        using var decoder = new Decoder(ExportedModel.Open(folder), config, new ServingOptions());

        float[] prompt = Prompt(folder, config, text, question, frames);
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
            ExportAs(folder, other);
            float[] rows = Prompt(folder, other, text, question, frames);
            using KeyValueCache fresh = decoder.NewCache(rows.Length / config.HiddenSize);
            found[$"inputs_embeds.{layout}"] = Rows(rows, config.HiddenSize);
            found[$"last_logits.{layout}"] = Rows(decoder.Append(fresh, rows, default), config.VocabularySize);
        }
        found["pooled"] = Pooled(folder, config, frames);
        string[] inside = ["vision_hidden", "projected", .. Enumerable.Range(1, config.Layers).Select(layer => $"decoder_hidden.{layer}")];
        return new ModelAnswers(found, greedy, inside);
    }

    /// <summary>The text's rows and the video's, as the serving engine lays them out. [T · d]</summary>
    private static float[] Prompt(string folder, CheckpointConfig config, TextEmbedder text, ModelQuestion question, float[][] frames)
    {
        using var vision = new VisionEncoder(ExportedModel.Open(folder), config, new ServingOptions());
        int place = Array.IndexOf(question.InputIds, Model.PlainSequence.VideoToken);
        return [.. text.Embed(Ids(question.InputIds[..place])), .. vision.Encode(frames, default), .. text.Embed(Ids(question.InputIds[(place + 1)..]))];
    }

    /// <summary>Without newlines the video's rows are the pooled patches. [F, q · q, d]</summary>
    private static TensorValues Pooled(string folder, CheckpointConfig config, float[][] frames)
    {
        ExportAs(folder, config with { NewlinePosition = "no_token" });
        using var vision = new VisionEncoder(ExportedModel.Open(folder), config, new ServingOptions());
        return TensorValues.Of([frames.Length, config.PooledPerSide * config.PooledPerSide, config.HiddenSize], vision.Encode(frames, default));
    }

    private static List<int> Greedy(Decoder decoder, TextEmbedder text, KeyValueCache cache, float[] logits, int count)
    {
        var tokens = new List<int>();
        while (tokens.Count < count)
        {
            tokens.Add(new TokenSampler(temperature: 0, seed: 0, question: "").Pick(logits));
            logits = decoder.Append(cache, text.Embed([tokens[^1]]), default);
        }
        return tokens;
    }

    private static void ExportAs(string folder, CheckpointConfig layout)
    {
        string path = Path.Combine(folder, "config.json");
        JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
        json["mm_newline_position"] = layout.NewlinePosition;
        json["mm_spatial_pool_mode"] = layout.PoolMode;
        File.WriteAllText(path, json.ToJsonString());
        OnnxExporter.Export(folder);
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
