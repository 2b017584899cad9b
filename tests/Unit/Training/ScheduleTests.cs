using Tpo.GpuJob.Training;

namespace Tpo.Tests.Unit.Training;

public sealed class ScheduleTests
{
    [Fact]
    public void The_rate_climbs_to_its_peak_in_the_warm_up_and_falls_in_half_a_cosine()
    {
        double[] rates = [.. Enumerable.Range(0, 10).Select(step => LearningRate.At(step, 10, peak: 1, warmupRatio: 0.2))];
        Assert.Equal([0.5, 1, 1], rates[..3]);
        Assert.Equal(0.5, rates[6], 1e-12);
        Assert.Equal((1 + Math.Cos(Math.PI * 7 / 8)) / 2, rates[9], 1e-12);
        Assert.All(rates, rate => Assert.InRange(rate, 1e-6, 1));
    }

    [Fact]
    public void Without_a_warm_up_it_starts_at_the_peak_and_all_warm_up_ends_there()
    {
        Assert.Equal(3e-5, LearningRate.At(0, 100, 3e-5, 0), 1e-18);
        Assert.Equal(3e-5, LearningRate.At(99, 100, 3e-5, 1), 1e-18);
        Assert.Equal(1, LearningRate.At(0, 1, 1, 0.1));
    }

    [Fact]
    public void Every_epoch_shows_every_pair_once_in_an_order_of_its_own()
    {
        int[] order = [.. Enumerable.Range(0, 30).SelectMany(step => PairOrder.Batch(15, 4, seed: 7, step))];
        Assert.Equal(Enumerable.Range(0, 15), order[..15].Order());
        Assert.Equal(Enumerable.Range(0, 15), order[15..30].Order());
        Assert.NotEqual(order[..15], order[15..30]);
        Assert.NotEqual(order[..15], Enumerable.Range(0, 15));
    }

    [Fact]
    public void The_order_depends_on_seed_and_step_alone()
    {
        Assert.Equal(PairOrder.Batch(100, 8, seed: 3, step: 9), PairOrder.Batch(100, 8, seed: 3, step: 9));
        Assert.NotEqual(PairOrder.Batch(100, 8, seed: 3, step: 9), PairOrder.Batch(100, 8, seed: 4, step: 9));
        Assert.Equal([8, 5, 3, 2], PairOrder.Batch(12, 4, seed: 7, step: 0));
    }

    [Fact]
    public void The_pairs_of_a_run_are_those_of_its_steps()
    {
        Assert.Equal(Enumerable.Range(0, 5), PairOrder.Used(5, 4, seed: 1, steps: 2));
        Assert.Equal(8, PairOrder.Used(100, 4, seed: 1, steps: 2).Length);
    }
}
