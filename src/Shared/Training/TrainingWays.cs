namespace Tpo.Shared.Training;

/// <summary>Where a run can give time for memory; none of it changes what is learnt, bf16's rounding apart.</summary>
/// <param name="Recompute">layers are computed again on the way back</param>
/// <param name="Bf16">weights and activations in bf16, with f32 masters of what is trained; for GPUs</param>
/// <param name="OffloadOptimizer">masters and moments lie in the machine's memory, not the GPU's</param>
public sealed record TrainingWays(bool Recompute = false, bool Bf16 = false, bool OffloadOptimizer = false)
{
    public static TrainingWays Of(TrainingRequest request) => new(request.Recompute, request.ComputeType == ComputeType.Bfloat16, request.OffloadOptimizer);
}

/// <summary>A pair's row but for the video: T = video's rows + Text.</summary>
/// <param name="Text">rows of prompt and answers; the last token of an answer is only predicted</param>
/// <param name="Scored">N, tokens whose log-probability is asked for</param>
/// <param name="LastRows">R, rows from the first that predicts on, which the last layer computes</param>
public sealed record PairSize(int Text, int Scored, int LastRows)
{
    /// <summary>Of tokens around the video and of both answers, end marks included.</summary>
    public static PairSize Of(int prompt, int chosen, int rejected) => new(prompt + chosen + rejected - 2, chosen + rejected, chosen + rejected - 1);

    /// <summary>A question of 40 tokens and two answers of 100 behind Qwen's template: what tables are made for.</summary>
    public static PairSize Usual { get; } = Of(65, 100, 100);

    /// <summary>As much as either takes.</summary>
    public PairSize Max(PairSize other) => new(Math.Max(Text, other.Text), Math.Max(Scored, other.Scored), Math.Max(LastRows, other.LastRows));
}
