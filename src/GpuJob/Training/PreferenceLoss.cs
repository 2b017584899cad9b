using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>The two terms of TPO's objective, L = w_dpo · L_DPO + w_sft · L_SFT (the paper's α is w_sft). Pure functions; B = pairs.</summary>
public static class PreferenceLoss
{
    /// <summary>
    /// Direct preference optimisation (Rafailov et al. 2023, equation 7; ε is the label smoothing of its conservative form). All arguments [B]:
    /// log-probs summed over the answer's tokens, of the model in training (policy, π) and of the frozen start (reference, ρ).
    /// <code>
    /// reward(r) = β · (log π(r|x) − log ρ(r|x))        margin = reward(chosen) − reward(rejected)
    /// L_DPO     = −(1 − ε) · log σ(margin) − ε · log σ(−margin)
    /// </code>
    /// −log σ(m) is written softplus(−m), which neither overflows nor loses its gradient. Rewards carry no gradient.
    /// </summary>
    public static (Tensor Loss, Tensor RewardChosen, Tensor RewardRejected) Dpo(
        Tensor policyChosen, Tensor policyRejected, Tensor referenceChosen, Tensor referenceRejected, double beta, double labelSmoothing = 0)
    {
        using var scope = NewDisposeScope();
        Tensor chosen = (policyChosen - referenceChosen) * beta;
        Tensor rejected = (policyRejected - referenceRejected) * beta;
        Tensor margin = chosen - rejected;
        Tensor loss = nn.functional.softplus(-margin);
        if (labelSmoothing > 0)
            loss = loss * (1 - labelSmoothing) + nn.functional.softplus(margin) * labelSmoothing;
        return (loss.MoveToOuterDisposeScope(), chosen.detach().MoveToOuterDisposeScope(), rejected.detach().MoveToOuterDisposeScope());
    }

    /// <summary>
    /// −Σ log π(token) over the tokens [N] of a chosen answer, divided by all the chosen tokens of the step: summed over the step's pairs
    /// it is the token mean that the method's trainer uses (not the mean over answers).
    /// </summary>
    public static Tensor Sft(Tensor chosenTokenLogProbs, long tokensOfStep)
    {
        using var scope = NewDisposeScope();
        return (-chosenTokenLogProbs.sum() / (double)tokensOfStep).MoveToOuterDisposeScope();
    }
}
