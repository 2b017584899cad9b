namespace Tpo.Shared.Media;

/// <summary>
/// Which frames a model sees. Pure: the same arguments give the same plan. A plan of k frames is numpy's linspace(0, N-1, k, dtype=int), the rule of
/// the published LLaVA-Video and LongVA code.
/// </summary>
public static class FramePlanner
{
    /// <summary>k frames spread evenly over the whole video, first and last included; frame i stands at i / fps seconds.</summary>
    public static FramePlan Uniform(int frameCount, double fps, int k) => Uniform(FrameClock.Constant(frameCount, fps), k);

    /// <summary>k frames spread evenly over the whole video, first and last included.</summary>
    public static FramePlan Uniform(FrameClock clock, int k) => Plan("whole", Linspace(clock.FrameCount, k), clock);

    /// <summary>k frames spread evenly over those with Start ≤ time &lt; End.</summary>
    /// <exception cref="ArgumentException">No frame lies in the span.</exception>
    public static FramePlan Segment(TimeSpanSeconds span, FrameClock clock, int k)
    {
        var (first, end) = FramesIn(span, clock);
        if (first >= end)
            throw new ArgumentException($"No frame lies between {span.Start:0.###} s and {span.End:0.###} s.", nameof(span));
        return Plan("segment", Linspace(end - first, k).Select(i => first + i), clock);
    }

    /// <summary>k frames spread evenly over the video without the span and without guardBand seconds on both sides of it.</summary>
    /// <exception cref="ArgumentException">Nothing is left.</exception>
    public static FramePlan WithoutSegment(TimeSpanSeconds span, double guardBand, FrameClock clock, int k)
    {
        var (first, end) = FramesIn(new TimeSpanSeconds(span.Start - guardBand, span.End + guardBand), clock);
        var left = clock.FrameCount - Math.Max(0, end - first);
        if (left <= 0)
            throw new ArgumentException(
                $"The span {span.Start:0.###}-{span.End:0.###} s with {guardBand:0.###} s on both sides leaves no frame of the video.", nameof(span));
        return Plan("without-segment", Linspace(left, k).Select(i => i < first ? i : i + (end - first)), clock);
    }

    /// <summary>`keep` of the plan's frames, chosen by the seed, in order of time.</summary>
    public static FramePlan Sparse(FramePlan whole, int keep, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keep);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keep, whole.Indices.Length);
        var places = Enumerable.Range(0, whole.Indices.Length).OrderBy(place => SeededOrder.Key(seed, place)).Take(keep).Order().ToArray();
        return new FramePlan("sparse", [.. places.Select(p => whole.Indices[p])], [.. places.Select(p => whole.Times[p])]);
    }

    /// <summary>numpy.linspace(0, count - 1, k, dtype=int): the step is rounded once, products are cut off, the last point is exact.</summary>
    private static int[] Linspace(int count, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        var indices = new int[k];
        if (k == 1)
            return indices;
        var step = (count - 1) / (double)(k - 1);
        for (var i = 0; i < k - 1; i++)
            indices[i] = (int)(i * step);
        indices[k - 1] = count - 1;
        return indices;
    }

    /// <summary>Frames whose time lies in the span, as [First, End).</summary>
    private static (int First, int End) FramesIn(TimeSpanSeconds span, FrameClock clock)
    {
        var first = clock.FirstAtOrAfter(span.Start);
        return (first, Math.Max(first, clock.FirstAtOrAfter(span.End)));
    }

    private static FramePlan Plan(string view, IEnumerable<int> frames, FrameClock clock)
    {
        int[] indices = [.. frames];
        return new FramePlan(view, indices, [.. indices.Select(clock.Seconds)]);
    }
}
