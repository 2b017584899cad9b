using System.Text.Json;
using Tpo.GpuJob.Training;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Training;

public sealed class PreferenceLossTests
{
    [Fact]
    public void A_policy_that_equals_its_reference_has_loss_ln_2_and_no_reward()
    {
        (double loss, double chosen, double rejected) = Dpo(-12.5, -80.25, -12.5, -80.25, beta: 0.3);
        Assert.Equal(Math.Log(2), loss, 1e-12);
        Assert.Equal((0.0, 0.0), (chosen, rejected));
    }

    [Fact]
    public void A_margin_of_three_at_beta_one_gives_log_of_one_plus_e_to_minus_three()
    {
        (double loss, double chosen, double rejected) = Dpo(-10, -15, -12, -14, beta: 1);
        Assert.Equal((2.0, -1.0), (chosen, rejected));
        Assert.Equal(Math.Log(1 + Math.Exp(-3)), loss, 1e-12);
    }

    [Fact]
    public void Hopeless_pairs_keep_a_finite_loss_and_the_full_gradient()
    {
        using Tensor chosen = tensor(new double[] { -5000 }).requires_grad_();
        (Tensor loss, _, _) = PreferenceLoss.Dpo(new(chosen, Numbers(0)), new(Numbers(0), Numbers(0)), new(Numbers(1), Numbers(1)), new LossOptions(0.5, 1, 0));
        loss.sum().backward();
        Assert.Equal(2500, loss.item<double>(), 1e-6);
        Assert.Equal(-0.5, chosen.grad!.item<double>(), 1e-12);
    }

    [Fact]
    public void The_sft_term_is_a_token_mean_over_the_step_not_a_mean_over_answers()
    {
        using Tensor brief = tensor(new double[] { -4 });
        using Tensor lengthy = tensor(new double[] { -1, -1, -1 });
        double sum = PreferenceLoss.Sft(brief, 4).item<double>() + PreferenceLoss.Sft(lengthy, 4).item<double>();
        Assert.Equal(7.0 / 4, sum, 1e-12);
    }

    [Fact]
    public void A_steps_pairs_may_come_in_parts_that_add_up_to_the_whole()
    {
        using var scope = NewDisposeScope();
        Tensor chosen = tensor(new double[] { -30, -7, -250 }), rejected = tensor(new double[] { -28, -90, -260 });
        Tensor referenceChosen = tensor(new double[] { -31, -6, -249 }), referenceRejected = tensor(new double[] { -27, -95, -262 });
        double Loss(int from, int count) => PreferenceLoss.Objective(
            new(chosen.narrow(0, from, count), rejected.narrow(0, from, count)), new(referenceChosen.narrow(0, from, count), referenceRejected.narrow(0, from, count)),
            new(ones(count), ones(count)), pairsOfStep: 3, chosenTokensOfStep: 20, new LossOptions(0.3, 2, 0.5) { LabelSmoothing = 0.1 }).Loss.item<double>();
        Assert.Equal(Loss(0, 3), Loss(0, 1) + Loss(1, 2), 1e-12);
        double Pair(double margin) => 0.9 * Math.Log(1 + Math.Exp(-margin)) + 0.1 * Math.Log(1 + Math.Exp(margin));
        Assert.Equal(2 * (Pair(0.3 * 2) + Pair(0.3 * -6) + Pair(0.3 * -3)) / 3 + 0.5 * 287 / 20, Loss(0, 3), 1e-12);
    }

    [Fact]
    public void Length_normalised_rewards_are_a_tokens()
    {
        (double loss, double chosen, double rejected) = Dpo(-10, -60, -12, -40, new LossOptions(0.5, 1, 0) { LengthNormalised = true }, chosenTokens: 4, rejectedTokens: 10);
        Assert.Equal((0.5 * 2 / 4, 0.5 * -20 / 10), (chosen, rejected));
        Assert.Equal(Math.Log(1 + Math.Exp(-1.25)), loss, 1e-12);
    }

    [Fact]
    public void Ipo_is_the_squared_distance_of_the_log_ratio_a_token_to_half_the_inverse_of_beta()
    {
        // log-ratio a token: 2/4 − (−20/10) = 2.5; 1/(2 · 0.25) = 2.
        (double loss, _, _) = Dpo(-10, -60, -12, -40, new LossOptions(0.25, 1, 0) { Form = PreferenceForm.Ipo }, chosenTokens: 4, rejectedTokens: 10);
        Assert.Equal(0.25, loss, 1e-12);
    }

    [Theory]
    [InlineData(-10, 1 - 0.1 * 7)]
    [InlineData(90, 0)]
    public void Hinge_ends_at_a_margin_of_one(double policyChosen, double expected) =>
        Assert.Equal(expected, Dpo(policyChosen, -15, -12, -10, new LossOptions(0.1, 1, 0) { Form = PreferenceForm.Hinge }).Loss, 1e-12);

    [Fact]
    public void Without_a_reference_the_loss_forgets_it_and_the_rewards_do_not()
    {
        (double loss, double chosen, double rejected) = Dpo(-10, -15, -12, -14, new LossOptions(1, 1, 0) { ReferenceFree = true });
        Assert.Equal((2.0, -1.0), (chosen, rejected));
        Assert.Equal(Math.Log(1 + Math.Exp(-5)), loss, 1e-12);
    }

    [Fact]
    public void The_sft_term_may_be_the_papers_mean_over_answers()
    {
        using var scope = NewDisposeScope();
        PreferenceTerms Terms(SftForm form) => PreferenceLoss.Objective(
            new(tensor(new double[] { -4, -3 }), zeros(2)), new(zeros(2), zeros(2)), new(ones(2), ones(2)), pairsOfStep: 2, chosenTokensOfStep: 14, new LossOptions(0.1, 0, 1) { Sft = form });
        Assert.Equal(7.0 / 14, Terms(SftForm.TokenMean).Loss.item<double>(), 1e-12);
        Assert.Equal(7.0 / 2, Terms(SftForm.AnswerSum).Loss.item<double>(), 1e-12);
    }

    [GoldenFact("dpo/loss_table.json")]
    public void The_table_of_the_reference_implementation_is_met()
    {
        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllBytes(Goldens.Folder("dpo", "loss_table.json")!)).RootElement.EnumerateArray()];
        Assert.NotEmpty(rows);
        foreach (JsonElement row in rows)
        {
            double Value(string name) => row.GetProperty(name).GetDouble();
            bool free = row.GetProperty("reference_free").GetBoolean();
            (double referenceChosen, double referenceRejected) = (Value("reference_chosen"), Value("reference_rejected"));
            (double loss, double chosen, double rejected) = Dpo(Value("policy_chosen"), Value("policy_rejected"), referenceChosen, referenceRejected,
                new LossOptions(Value("beta"), 1, 0) { LabelSmoothing = Value("label_smoothing"), ReferenceFree = free });
            Near(Value("loss"), loss);
            Near(Value("reward_chosen"), chosen);
            Near(Value("reward_rejected"), rejected);
        }
    }

    private static void Near(double expected, double found) => Assert.Equal(expected, found, 1e-8 * Math.Max(1, Math.Abs(expected)));

    private static (double Loss, double Chosen, double Rejected) Dpo(
        double policyChosen, double policyRejected, double referenceChosen, double referenceRejected, double beta) =>
        Dpo(policyChosen, policyRejected, referenceChosen, referenceRejected, new LossOptions(beta, 1, 0));

    private static (double Loss, double Chosen, double Rejected) Dpo(
        double policyChosen, double policyRejected, double referenceChosen, double referenceRejected, LossOptions options, int chosenTokens = 1, int rejectedTokens = 1)
    {
        using var scope = NewDisposeScope();
        (Tensor loss, Tensor chosen, Tensor rejected) = PreferenceLoss.Dpo(
            new(Numbers(policyChosen), Numbers(policyRejected)), new(Numbers(referenceChosen), Numbers(referenceRejected)), new(Numbers(chosenTokens), Numbers(rejectedTokens)), options);
        return (loss.item<double>(), chosen.item<double>(), rejected.item<double>());
    }

    private static Tensor Numbers(double value) => tensor(new double[] { value });
}
