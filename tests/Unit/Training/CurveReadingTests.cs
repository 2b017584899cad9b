using Tpo.Shared.Training;

namespace Tpo.Tests.Unit.Training;

/// <summary>Each curve has a sentence, and the sentence knows whether that is how it looks when all is well.</summary>
public sealed class CurveReadingTests
{
    private static readonly TrainingRequest Request = new() { Beta = 0.1 };

    [Fact]
    public void Of_a_run_that_goes_well_every_curve_is_normal()
    {
        var curves = CurveReading.Of(Request, Rows(12));
        Assert.Equal(["dpo_loss", "rewards/margins", "rewards/accuracies", "logps/chosen", "grad_norm"], curves.Select(curve => curve.Curve));
        Assert.All(curves, curve => Assert.True(curve.Normal, curve.Sentence));
        Assert.All(curves, curve => Assert.StartsWith(curve.Curve, curve.Sentence));
        Assert.Contains("began at 0.6931", curves[0].Sentence);
        Assert.Contains("rose from 0 to", curves[1].Sentence);
    }

    [Fact]
    public void Before_the_first_step_there_is_nothing_to_say() => Assert.Empty(CurveReading.Of(Request, []));

    [Fact]
    public void After_one_step_the_beginning_is_judged_and_the_rest_is_too_early()
    {
        var curves = CurveReading.Of(Request, Rows(1));
        Assert.Equal([true, null, null, null, null], curves.Select(curve => curve.Normal));
        Assert.Contains("too early to tell after 1 step.", curves[1].Sentence);
    }

    [Fact]
    public void A_loss_that_does_not_begin_at_ln_2_has_another_reference()
    {
        var loss = Read("dpo_loss", Rows(12, (row, _) => row with { DpoLoss = row.DpoLoss + 0.2 }));
        Assert.False(loss.Normal);
        Assert.Contains("began at 0.8931 and not at 0.6931", loss.Sentence);
    }

    [Theory]
    [InlineData(PreferenceForm.Sigmoid, 0.2, 0.6931)]
    [InlineData(PreferenceForm.Ipo, 0.5, 1.0)]
    [InlineData(PreferenceForm.Hinge, 0.2, 1.0)]
    public void Each_form_of_the_loss_begins_where_all_margins_are_zero(PreferenceForm form, double beta, double start) =>
        Assert.Equal(start, CurveReading.Start(Request with { LossForm = form, Beta = beta })!.Value, 4);

    [Fact]
    public void Without_a_reference_no_beginning_is_expected()
    {
        var loss = Read("dpo_loss", Rows(12), Request with { ReferenceFree = true });
        Assert.Null(loss.Normal);
        Assert.Contains("without a reference", loss.Sentence);
    }

    [Fact]
    public void A_loss_that_stays_where_it_began_is_not_normal() => Assert.False(Read("dpo_loss", Rows(12, (row, _) => row with { DpoLoss = Math.Log(2) })).Normal);

    [Fact]
    public void Margins_that_do_not_rise_are_not_normal()
    {
        var margins = Read("rewards/margins", Rows(12, (row, _) => row with { Margin = -0.01 }));
        Assert.False(margins.Normal);
        Assert.Contains("does not rise", margins.Sentence);
    }

    [Fact]
    public void Pairs_told_apart_no_better_than_by_a_coin_are_not_normal() =>
        Assert.Contains("no better than a coin", Read("rewards/accuracies", Rows(12, (row, _) => row with { RewardAccuracy = 0.5 })).Sentence);

    [Fact]
    public void Pairs_that_are_learnt_by_heart_show_in_the_held_out_ones()
    {
        var accuracy = Read("rewards/accuracies", Rows(12, (row, step) => row with { HeldOutAccuracy = step == 8 ? 0.4 : null }));
        Assert.False(accuracy.Normal);
        Assert.Contains("0.40 on held-out ones: they are learnt by heart", accuracy.Sentence);
    }

    [Fact]
    public void Chosen_answers_that_become_unlikely_are_not_normal()
    {
        // β 0.1: a reward of −0.5 is 5 nats less, of 20.
        var chosen = Read("logps/chosen", Rows(12, (row, _) => row with { RewardChosen = -0.5, LogProbChosen = -25 }));
        Assert.False(chosen.Normal);
        Assert.Contains("fell by 5.00 from -20.00 (25", chosen.Sentence);
        Assert.Contains("sftWeight", chosen.Sentence);
    }

    [Fact]
    public void A_step_of_longer_answers_is_no_fall()
    {
        var chosen = Read("logps/chosen", Rows(12, (row, step) => row with { RewardChosen = 0.05, LogProbChosen = step > 8 ? -60 : -20 }));
        Assert.True(chosen.Normal);
        Assert.Contains("rose by 0.50", chosen.Sentence);
    }

    [Theory]
    [InlineData(0.0, "nothing is being trained")]
    [InlineData(3.0, "about to diverge")]
    public void Gradients_that_vanish_or_explode_are_not_normal(double growth, string sentence)
    {
        var norm = Read("grad_norm", Rows(12, (row, step) => row with { GradientNorm = growth * Math.Pow(2, step) }));
        Assert.False(norm.Normal);
        Assert.Contains(sentence, norm.Sentence);
    }

    [Fact]
    public void Without_the_preference_term_margins_say_nothing() =>
        Assert.Null(Read("rewards/margins", Rows(12), Request with { DpoWeight = 0 }).Normal);

    private static CurveSentence Read(string curve, IReadOnlyList<TrainingMetrics> rows, TrainingRequest? request = null) =>
        Assert.Single(CurveReading.Of(request ?? Request, rows), read => read.Curve == curve);

    /// <summary>Margins grow by 0.05 a step; chosen answers lose a little.</summary>
    private static IReadOnlyList<TrainingMetrics> Rows(int count, Func<TrainingMetrics, int, TrainingMetrics>? change = null) => [.. Enumerable.Range(0, count).Select(step =>
    {
        var row = new TrainingMetrics
        {
            Step = step, Loss = 1, DpoLoss = Math.Log(1 + Math.Exp(-0.05 * step)), SftLoss = 1, RewardChosen = -0.002 * step, RewardRejected = -0.052 * step,
            RewardAccuracy = step == 0 ? 0 : 0.75, Margin = 0.05 * step, LogProbChosen = -20 - 0.02 * step, LogProbRejected = -20 - 0.52 * step, GradientNorm = 1.5, LearningRate = 1e-4,
        };
        return change?.Invoke(row, step) ?? row;
    })];
}
