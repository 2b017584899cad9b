using Tpo.Shared.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>What some pairs of a step add to its loss: a scalar that carries the gradient, and numbers to look at, [B] each, that do not.</summary>
/// <param name="Sft">a scalar: these pairs' share of the step's L_SFT</param>
public sealed record PreferenceTerms(Tensor Loss, Tensor Dpo, Tensor Sft, Tensor RewardChosen, Tensor RewardRejected);

/// <summary>How likely the answers of B pairs are: log-probs [B], each summed over its answer's scored tokens.</summary>
public sealed record AnswerLogProbs(Tensor Chosen, Tensor Rejected);

/// <summary>TPO's objective (the paper's α is w_sft) and its two terms. Pure functions; B = pairs.</summary>
public static class PreferenceLoss
{
    /// <summary>
    /// The whole objective.
    /// <code>
    /// L = w_dpo · 1/P · Σ_b L_DPO(b)  +  w_sft · 1/N · Σ_b −log π(chosen_b)
    /// </code>
    /// P = pairsOfStep; N = chosenTokensOfStep, or P where the SFT term is a sum over each answer. A step's pairs may come in several calls: with
    /// the step's own P and N the results add up to the loss, and their gradients to the gradient, of one call over all of them.
    /// </summary>
    /// <param name="tokens">of each answer [B], for the forms that divide by them</param>
    public static PreferenceTerms Objective(
        AnswerLogProbs policy, AnswerLogProbs reference, AnswerLogProbs tokens, long pairsOfStep, long chosenTokensOfStep, LossOptions options)
    {
        using var scope = NewDisposeScope();
        (Tensor dpo, Tensor chosen, Tensor rejected) = Dpo(policy, reference, tokens, options);
        Tensor sft = Sft(policy.Chosen, options.Sft == SftForm.TokenMean ? chosenTokensOfStep : pairsOfStep);
        Tensor loss = dpo.sum() * (options.DpoWeight / pairsOfStep) + sft * options.SftWeight;
        return new PreferenceTerms(
            loss.MoveToOuterDisposeScope(), dpo.detach().MoveToOuterDisposeScope(), sft.detach().MoveToOuterDisposeScope(),
            chosen.MoveToOuterDisposeScope(), rejected.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Direct preference optimisation (Rafailov et al. 2023, equation 7; ε is the label smoothing of its conservative form) and its relatives. Policy = the
    /// model in training (π), reference = the frozen start (ρ); |r| = the answer's tokens where the form divides by them, else 1.
    /// <code>
    /// reward(r) = β · (log π(r|x) − log ρ(r|x)) / |r|        margin = reward(chosen) − reward(rejected)
    /// sigmoid     −(1 − ε) · log σ(margin) − ε · log σ(−margin)
    /// ipo         (margin / β − 1 / 2β)²
    /// hinge       max(0, 1 − margin)
    /// </code>
    /// log σ is one function, which neither overflows nor loses its gradient. Rewards carry no gradient.
    /// </summary>
    public static (Tensor Loss, Tensor RewardChosen, Tensor RewardRejected) Dpo(AnswerLogProbs policy, AnswerLogProbs reference, AnswerLogProbs tokens, LossOptions options)
    {
        using var scope = NewDisposeScope();
        double beta = options.Beta;
        Tensor Each(Tensor logProbs, Tensor count) => options.LengthNormalised || options.Form == PreferenceForm.Ipo ? logProbs / count : logProbs;
        (Tensor policyChosen, Tensor policyRejected) = (Each(policy.Chosen, tokens.Chosen), Each(policy.Rejected, tokens.Rejected));
        Tensor chosen = (policyChosen - Each(reference.Chosen, tokens.Chosen)) * beta;
        Tensor rejected = (policyRejected - Each(reference.Rejected, tokens.Rejected)) * beta;
        Tensor margin = options.ReferenceFree ? (policyChosen - policyRejected) * beta : chosen - rejected;
        Tensor loss = options.Form switch
        {
            PreferenceForm.Ipo => (margin / beta - 1 / (2 * beta)).pow(2),
            PreferenceForm.Hinge => nn.functional.relu(1 - margin),
            _ => Smoothed(margin, options.LabelSmoothing),
        };
        return (loss.MoveToOuterDisposeScope(), chosen.detach().MoveToOuterDisposeScope(), rejected.detach().MoveToOuterDisposeScope());
    }

    private static Tensor Smoothed(Tensor margin, double share)
    {
        Tensor loss = -nn.functional.logsigmoid(margin);
        return share > 0 ? loss * (1 - share) - nn.functional.logsigmoid(-margin) * share : loss;
    }

    /// <summary>
    /// −Σ log π over chosen answers (log-probs of tokens [n], or of answers [B]). Divided by all the chosen tokens of the step and summed over its
    /// pairs it is the token mean that the method's trainer uses (not the mean over answers).
    /// </summary>
    public static Tensor Sft(Tensor chosenLogProbs, long divisor)
    {
        using var scope = NewDisposeScope();
        return (-chosenLogProbs.sum() / (double)divisor).MoveToOuterDisposeScope();
    }
}
