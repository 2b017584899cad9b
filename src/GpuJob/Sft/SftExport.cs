using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Models;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>Writes a run's newest checkpoint as a model folder: f16 safetensors, config, tokenizer, card.</summary>
public static class SftExport
{
    public const string ModelId = "tpo-nano";

    public static int Write(string run, string target)
    {
        var step = SftState.LatestStep(run)
            ?? throw new InvalidDataException($"'{run}' holds no checkpoint yet; train first with `sft --out {run}`.");
        File.Copy(SftState.WeightsFile(run, step), Path.Combine(run, "model.safetensors"), overwrite: true);
        using var model = Checkpoint.Load(run);
        Checkpoint.Save(model, target, run, ScalarType.Float16);
        var revision = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(target, "model.safetensors"))));
        var card = new ModelCard
        {
            ModelId = ModelId, Revision = revision, CreatedAt = DateTimeOffset.UtcNow,
            Note = $"Trained from scratch on the synthetic world for {step} steps; see README.md beside this file.",
        };
        File.WriteAllText(Path.Combine(target, "model.json"), JsonSerializer.Serialize(card, new JsonSerializerOptions(TpoJson.Options) { WriteIndented = true }) + "\n");
        var curve = CurveFile.Read(SftRun.CurveOf(run));
        File.WriteAllText(Path.Combine(target, "curve.csv"), CurveFile.Table(curve));
        File.WriteAllText(Path.Combine(target, "curve.svg"), CurveFile.Picture(curve));
        Console.WriteLine($"{target}: step {step}, weights sha256 {revision}");
        return 0;
    }

    /// <summary>SHA-256 over what every hundredth step trains on: frames, prompts and answers. Two runs with one hash saw the same data.</summary>
    public static string DataHash(uint seed, Curriculum curriculum, int side, int steps)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sampler = new SftSampler("train", seed, side, weather: true);
        for (var step = 0; step < steps; step += 100)
        {
            foreach (var sample in sampler.Step(curriculum, step).SelectMany(half => half.Draw()))
            {
                foreach (var frame in sample.Frames)
                    hash.AppendData(frame);
                foreach (var question in sample.Questions)
                    hash.AppendData(Encoding.UTF8.GetBytes($"{sample.Story}\n{question.Prompt}\n{question.Answer}\n"));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
