namespace Tpo.Shared.Training;

/// <summary>How the margin m = reward(chosen) − reward(rejected) becomes a loss.</summary>
public enum PreferenceForm
{
    /// <summary>DPO (Rafailov et al. 2023): −log σ(m).</summary>
    Sigmoid,
    /// <summary>IPO (Azar et al. 2023): (m / β − 1 / 2β)², of log-probabilities a token, as TRL takes them.</summary>
    Ipo,
    /// <summary>SLiC (Zhao et al. 2023): max(0, 1 − m).</summary>
    Hinge,
}

/// <summary>What the SFT term divides the chosen answers' log-probabilities by.</summary>
public enum SftForm
{
    /// <summary>By all their tokens in the step: what the published trainers compute.</summary>
    TokenMean,
    /// <summary>By the step's pairs: the paper's expectation over answers, long ones weigh more.</summary>
    AnswerSum,
}

/// <summary>The objective L = dpoWeight · L_DPO + sftWeight · L_SFT.</summary>
/// <param name="SftWeight">the paper's α, LongVA's gamma</param>
public sealed record LossOptions(double Beta, double DpoWeight, double SftWeight)
{
    public PreferenceForm Form { get; init; } = PreferenceForm.Sigmoid;
    public SftForm Sft { get; init; } = SftForm.TokenMean;
    /// <summary>ε: the share of pairs that are taken to be the wrong way round (of <see cref="PreferenceForm.Sigmoid"/> alone).</summary>
    public double LabelSmoothing { get; init; }
    /// <summary>Log-probabilities are divided by their answer's tokens, so that long answers weigh no more than short ones.</summary>
    public bool LengthNormalised { get; init; }
    /// <summary>The loss is that of a reference to which both answers are equally likely; rewards still tell the distance to the real one.</summary>
    public bool ReferenceFree { get; init; }
}
