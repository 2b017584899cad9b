using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>What some pairs of a step add to its loss: a scalar that carries the gradient, and numbers to look at, [B] each, that do not.</summary>
/// <param name="Sft">a scalar: these pairs' share of the step's L_SFT</param>
public sealed record PreferenceTerms(Tensor Loss, Tensor Dpo, Tensor Sft, Tensor RewardChosen, Tensor RewardRejected);

/// <summary>TPO's objective (the paper's α is w_sft) and its two terms. Pure functions; B = pairs.</summary>
public static class PreferenceLoss
{
    /// <summary>
    /// The whole objective. Log-probs [B] are sums over the answers' scored tokens, as <see cref="Dpo"/> takes them.
    /// <code>
    /// L = w_dpo · 1/P · Σ_b L_DPO(b)  +  w_sft · 1/N · Σ_b −log π(chosen_b)
    /// </code>
    /// P = pairsOfStep, N = chosenTokensOfStep. A step's pairs may come in several calls: with the step's own P and N the results add up
    /// to the loss, and their gradients to the gradient, of one call over all of them.
    /// </summary>
    public static PreferenceTerms Objective(
        Tensor policyChosen, Tensor policyRejected, Tensor referenceChosen, Tensor referenceRejected,
        long pairsOfStep, long chosenTokensOfStep, double beta, double dpoWeight, double sftWeight, double labelSmoothing = 0)
    {
        using var scope = NewDisposeScope();
        (Tensor dpo, Tensor chosen, Tensor rejected) = Dpo(policyChosen, policyRejected, referenceChosen, referenceRejected, beta, labelSmoothing);
        Tensor sft = Sft(policyChosen, chosenTokensOfStep);
        Tensor loss = dpo.sum() * (dpoWeight / pairsOfStep) + sft * sftWeight;
        return new PreferenceTerms(
            loss.MoveToOuterDisposeScope(), dpo.detach().MoveToOuterDisposeScope(), sft.detach().MoveToOuterDisposeScope(),
            chosen.MoveToOuterDisposeScope(), rejected.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Direct preference optimisation (Rafailov et al. 2023, equation 7; ε is the label smoothing of its conservative form). All arguments [B]:
    /// log-probs summed over the answer's tokens, of the model in training (policy, π) and of the frozen start (reference, ρ).
    /// <code>
    /// reward(r) = β · (log π(r|x) − log ρ(r|x))        margin = reward(chosen) − reward(rejected)
    /// L_DPO     = −(1 − ε) · log σ(margin) − ε · log σ(−margin)
    /// </code>
    /// log σ is one function, which neither overflows nor loses its gradient. Rewards carry no gradient.
    /// </summary>
    public static (Tensor Loss, Tensor RewardChosen, Tensor RewardRejected) Dpo(
        Tensor policyChosen, Tensor policyRejected, Tensor referenceChosen, Tensor referenceRejected, double beta, double labelSmoothing = 0)
    {
        using var scope = NewDisposeScope();
        Tensor chosen = (policyChosen - referenceChosen) * beta;
        Tensor rejected = (policyRejected - referenceRejected) * beta;
        Tensor margin = chosen - rejected;
        Tensor loss = -nn.functional.logsigmoid(margin);
        if (labelSmoothing > 0)
            loss = loss * (1 - labelSmoothing) - nn.functional.logsigmoid(-margin) * labelSmoothing;
        return (loss.MoveToOuterDisposeScope(), chosen.detach().MoveToOuterDisposeScope(), rejected.detach().MoveToOuterDisposeScope());
    }

    /// <summary>
    /// −Σ log π over chosen answers (log-probs of tokens [n], or of answers [B]), divided by all the chosen tokens of the step: summed
    /// over the step's pairs it is the token mean that the method's trainer uses (not the mean over answers).
    /// </summary>
    public static Tensor Sft(Tensor chosenLogProbs, long chosenTokensOfStep)
    {
        using var scope = NewDisposeScope();
        return (-chosenLogProbs.sum() / (double)chosenTokensOfStep).MoveToOuterDisposeScope();
    }
}
