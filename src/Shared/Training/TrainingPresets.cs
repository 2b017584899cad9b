using Tpo.Shared.Models;

namespace Tpo.Shared.Training;

/// <summary>
/// The published runs' settings (TPO, arXiv 2501.13919, section 5.1): 10,000 pairs, one epoch, projector and language model trained, by LongVA's trainer, which scores the prompt's turn marks too. Each has a twin that trains
/// an adapter, which fits where full training does not; nobody published one, so its rank and rate are ours: ten times the full one's rate.
/// </summary>
public static class TrainingPresets
{
    public static IReadOnlyDictionary<string, TrainingRequest> All { get; } = new SortedDictionary<string, TrainingRequest>(StringComparer.Ordinal)
    {
        ["longva-tpo"] = LongVa,
        ["longva-tpo-lora"] = Adapter(LongVa),
        ["llava-video-tpo"] = LlavaVideo,
        ["llava-video-tpo-lora"] = Adapter(LlavaVideo),
    };

    private static TrainingRequest LongVa => new()
    {
        Epochs = 1, BatchSize = 64, FramesPerVideo = 32, WarmupRatio = 0.1, SaveEvery = 10, LabelMask = LabelMask.LongVa, Beta = 0.3, SftWeight = 0.5, LearningRate = 4e-6,
    };

    private static TrainingRequest LlavaVideo => LongVa with { Beta = 0.2, SftWeight = 1, LearningRate = 3e-7 };

    private static TrainingRequest Adapter(TrainingRequest full) => full with { LoraRank = 16, LoraAlpha = 32, LearningRate = 10 * full.LearningRate };
}
