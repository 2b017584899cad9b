using Tpo.GpuJob.Bench;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;
using static Tpo.Tests.Unit.Serving.MemoryPeak;

namespace Tpo.Tests.Integration.Serving;

/// <summary>The plan's peak against the kernel's for the model of the benches: 100 million weights in f32.</summary>
public sealed class BenchModelMemoryTests
{
    [Fact, Trait("Lane", "slow")]
    public async Task The_planned_peak_is_the_real_one_for_long_videos_many_questions_and_mapped_weights()
    {
        using var model = new MemoryPeak(BenchModel.Large);
        var long32 = new MemoryWorkload(Frames: 32, AnswerTokens: 16);
        var peak = await model.MeasureAsync(long32);
        Within15Percent(peak);
        // The goal: weights (embeddings counted) and the cache of the video, and three tenths of them.
        var sizes = WeightSizes.Of(BenchModel.Large);
        var floor = (sizes.Matrices + sizes.Plain + sizes.Table) * sizeof(float) + KeyValueCache.BytesFor(BenchModel.Large, long32.Rows(BenchModel.Large));
        Assert.True(peak.Measured <= 1.3 * floor, $"{peak.Measured} bytes, {(double)peak.Measured / floor:F2} times weights and cache");

        Within15Percent(await model.MeasureAsync(long32, lowMemory: true));
        Within15Percent(await model.MeasureAsync(long32 with { Frames = 4 }));
        Within15Percent(await model.MeasureAsync(long32 with { Frames = 8, Questions = 10 }));
    }

    [Fact, Trait("Lane", "slow")]
    public async Task And_for_the_variant_of_few_tokens_a_frame()
    {
        using var model = new MemoryPeak(BenchModel.Small);
        Within15Percent(await model.MeasureAsync(new MemoryWorkload(Frames: 32, AnswerTokens: 16)));
    }
}
