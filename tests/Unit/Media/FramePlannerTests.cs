using System.Runtime.CompilerServices;
using System.Text.Json;
using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Media;

public sealed class FramePlannerTests
{
    /// <summary>144 rows that numpy's linspace(0, N-1, k, dtype=int) itself gave.</summary>
    [Fact]
    public void Uniform_sampling_is_numpys_linspace()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(Beside("frame_sampling.json")));
        var rows = golden.RootElement.EnumerateArray().ToList();
        Assert.Equal(144, rows.Count);
        foreach (var row in rows)
        {
            int total = row.GetProperty("total_frames").GetInt32(), k = row.GetProperty("frames").GetInt32();
            var expected = row.GetProperty("indices").EnumerateArray().Select(index => index.GetInt32());
            Assert.Equal(expected, FramePlanner.Uniform(total, 25, k).Indices);
        }
    }

    [Fact]
    public void A_plan_names_its_view_and_the_times_of_its_frames()
    {
        var plan = FramePlanner.Uniform(101, 10, 3);
        Assert.Equal("whole", plan.View);
        Assert.Equal([0, 50, 100], plan.Indices);
        Assert.Equal([0.0, 5.0, 10.0], plan.Times);
    }

    [Theory]
    [InlineData(4.0, 8.0, 25.0)]
    [InlineData(3.003, 6.006, 30000 / 1001.0)]
    [InlineData(0.0, 3.1, 29.8333)]
    public void A_segments_frames_all_lie_in_it_and_reach_both_ends(double start, double end, double fps)
    {
        var plan = FramePlanner.Segment(new TimeSpanSeconds(start, end), FrameClock.Constant(1000, fps), 8);
        Assert.Equal("segment", plan.View);
        Assert.Equal(8, plan.Indices.Length);
        Assert.All(plan.Times, time => Assert.InRange(time, start - 1e-6, end - 1e-6));
        Assert.InRange(plan.Times[0], start - 1e-6, start + 1 / fps);
        Assert.InRange(plan.Times[^1], end - 1 / fps - 1e-6, end);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    public void The_rejected_view_never_touches_the_segment_or_its_guard_band(double guardBand)
    {
        var span = new TimeSpanSeconds(10, 20);
        var plan = FramePlanner.WithoutSegment(span, guardBand, FrameClock.Constant(1000, 25), 16);
        Assert.Equal("without-segment", plan.View);
        Assert.Equal(16, plan.Indices.Length);
        Assert.DoesNotContain(plan.Times, time => time >= 10 - guardBand && time < 20 + guardBand);
        Assert.Equal(0, plan.Indices[0]);
        Assert.Equal(999, plan.Indices[^1]);
        Assert.Equal(plan.Indices.Order(), plan.Indices);
    }

    [Fact]
    public void The_rejected_view_is_uniform_over_what_is_left()
    {
        // 100 frames without 40..59 leave 80; every 79/7-th of those, cut off.
        var plan = FramePlanner.WithoutSegment(new TimeSpanSeconds(40, 60), 0, FrameClock.Constant(100, 1), 8);
        int[] left = [.. Enumerable.Range(0, 40), .. Enumerable.Range(60, 40)];
        Assert.Equal(FramePlanner.Uniform(80, 1, 8).Indices.Select(i => left[i]), plan.Indices);
    }

    [Fact]
    public void A_segment_that_leaves_nothing_is_refused_in_words()
    {
        var error = Assert.Throws<ArgumentException>(() => FramePlanner.WithoutSegment(new TimeSpanSeconds(1, 9), 2, FrameClock.Constant(100, 10), 8));
        Assert.Contains("leaves no frame", error.Message);
    }

    [Fact]
    public void A_sparse_plan_is_a_subset_in_order_of_time_that_the_seed_alone_decides()
    {
        var whole = FramePlanner.Uniform(900, 30, 32);
        var sparse = FramePlanner.Sparse(whole, 4, seed: 7);
        Assert.Equal("sparse", sparse.View);
        Assert.Equal(4, sparse.Indices.Length);
        Assert.Subset(whole.Indices.ToHashSet(), sparse.Indices.ToHashSet());
        Assert.Equal(sparse.Indices.Order(), sparse.Indices);
        Assert.Equal(sparse.Indices, FramePlanner.Sparse(whole, 4, seed: 7).Indices);
        Assert.True(Enumerable.Range(0, 20).Select(seed => string.Join(' ', FramePlanner.Sparse(whole, 4, seed).Indices)).Distinct().Count() > 15);
    }

    private static string Beside(string name, [CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, name);
}
