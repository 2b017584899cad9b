using System.Text.Json;
using Tpo.GpuJob.Training;
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
        (Tensor loss, _, _) = PreferenceLoss.Dpo(chosen, Numbers(0), Numbers(0), Numbers(0), beta: 0.5);
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
            chosen.narrow(0, from, count), rejected.narrow(0, from, count), referenceChosen.narrow(0, from, count), referenceRejected.narrow(0, from, count),
            pairsOfStep: 3, chosenTokensOfStep: 20, beta: 0.3, dpoWeight: 2, sftWeight: 0.5, labelSmoothing: 0.1).Loss.item<double>();
        Assert.Equal(Loss(0, 3), Loss(0, 1) + Loss(1, 2), 1e-12);
        double Pair(double margin) => 0.9 * Math.Log(1 + Math.Exp(-margin)) + 0.1 * Math.Log(1 + Math.Exp(margin));
        Assert.Equal(2 * (Pair(0.3 * 2) + Pair(0.3 * -6) + Pair(0.3 * -3)) / 3 + 0.5 * 287 / 20, Loss(0, 3), 1e-12);
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
            (double loss, _, _) = Dpo(Value("policy_chosen"), Value("policy_rejected"), free ? 0 : referenceChosen, free ? 0 : referenceRejected,
                Value("beta"), Value("label_smoothing"));
            (_, double chosen, double rejected) = Dpo(Value("policy_chosen"), Value("policy_rejected"), referenceChosen, referenceRejected, Value("beta"));
            Near(Value("loss"), loss);
            Near(Value("reward_chosen"), chosen);
            Near(Value("reward_rejected"), rejected);
        }
    }

    private static void Near(double expected, double found) => Assert.Equal(expected, found, 1e-8 * Math.Max(1, Math.Abs(expected)));

    private static (double Loss, double Chosen, double Rejected) Dpo(
        double policyChosen, double policyRejected, double referenceChosen, double referenceRejected, double beta, double smoothing = 0)
    {
        using var scope = NewDisposeScope();
        (Tensor loss, Tensor chosen, Tensor rejected) = PreferenceLoss.Dpo(
            Numbers(policyChosen), Numbers(policyRejected), Numbers(referenceChosen), Numbers(referenceRejected), beta, smoothing);
        return (loss.item<double>(), chosen.item<double>(), rejected.item<double>());
    }

    private static Tensor Numbers(double value) => tensor(new double[] { value });
}
