using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Tpo.Tests.Unit.Torch;

public sealed class Values
{
    [Fact]
    public void Keep_their_order_from_arrays_and_back_whatever_the_strides()
    {
        using var scope = NewDisposeScope();
        var t = tensor(new[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal([2L, 3L], t.shape);
        Assert.Equal([1, 4, 2, 5, 3, 6], t.t().data<int>().ToArray());
        Assert.Equal(6, t.t().data<int>()[2, 1]);
        Assert.Equal(MemoryMarshal.AsBytes<int>([1, 2, 3, 4, 5, 6]).ToArray(), t.bytes.ToArray());

        var stream = new MemoryStream();
        t.t().WriteBytesToStream(stream);
        stream.Position = 0;
        var back = zeros(3, 2, dtype: int32);
        back.ReadBytesFromStream(stream);
        Assert.True(back.Equals(t.t()));
    }

    [Fact]
    public void Are_picked_by_slices_positions_masks_and_tensors()
    {
        using var scope = NewDisposeScope();
        var t = arange(12).reshape(3, 4);
        Assert.Equal([5L, 6L], t[1, 1..3].data<long>().ToArray());
        Assert.Equal([0L, 4L, 8L], t[.., 0].data<long>().ToArray());
        Assert.Equal([8L, 10L], t[^1, TensorIndex.Slice(step: 2)].data<long>().ToArray());
        Assert.Equal([1L, 3L, 4L], t[TensorIndex.None, TensorIndex.Ellipsis].shape);
        Assert.Equal([8L, 9L, 10L, 11L], t[t > 7].data<long>().ToArray());
        Assert.Equal([1L, 6L], t[tensor(new long[] { 0, 1 }), tensor(new long[] { 1, 2 })].data<long>().ToArray());
        t[0, 1..3] = zeros(2, dtype: int64) - 1;
        Assert.Equal([0L, -1L, -1L, 3L], t[0].data<long>().ToArray());
        Assert.Equal([2L, 2L, 0L, 0L], arange(4).masked_fill(tensor(new[] { true, true, false, false }), 2).mul(tensor(new long[] { 1, 1, 0, 0 })).data<long>().ToArray());
    }

    [Fact]
    public void Of_cross_entropy_ignore_what_they_are_told_to()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[,] { { 1.0, 2.0 }, { 0.5, -0.5 }, { 3.0, 3.0 } });
        var losses = F.cross_entropy(logits, tensor(new long[] { 0, 0, -100 }), reduction: nn.Reduction.None).data<double>().ToArray();
        var (first, second) = (Math.Log(1 + Math.E), Math.Log(1 + Math.Exp(-1)));
        Assert.Equal(first, losses[0], 12);
        Assert.Equal(second, losses[1], 12);
        Assert.Equal(0, losses[2]);
        Assert.Equal((first + second) / 2, F.cross_entropy(logits, tensor(new long[] { 0, 0, -100 })).item<double>(), 12);
    }

    [Fact]
    public void Of_resized_images_are_those_of_the_two_conventions()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 0f, 1f, 2f, 3f }).reshape(1, 1, 1, 4).expand(1, 1, 2, 4);
        float[] Row(bool corners) => F.interpolate(x, [2, 2], mode: InterpolationMode.Bilinear, align_corners: corners).contiguous()[0, 0, 0].data<float>().ToArray();
        Assert.Equal([0f, 3f], Row(true));
        Assert.Equal([0.5f, 2.5f], Row(false));
        Assert.Equal([1L, 1L, 4L, 8L], F.interpolate(x, scale_factor: [2]).shape);
        Assert.Throws<ArgumentException>(() => F.interpolate(x));
        Assert.Equal([0.5f, 2.5f], F.avg_pool2d(x, 2).contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Of_activations_and_norms_are_those_of_the_formulas()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -1.5, 0.0, 2.0 });
        double Tanh(double v) => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        var xs = x.data<double>().ToArray();
        void Same(Func<double, double> formula, Tensor actual) =>
            Assert.All(xs.Zip(actual.data<double>().ToArray()), pair => Assert.Equal(formula(pair.First), pair.Second, 12));
        Same(Tanh, F.gelu(x, global::TorchSharp.Modules.GELU.Approximate.tanh));
        Same(v => v / (1 + Math.Exp(-v)), F.silu(x));
        Same(v => -Math.Log(1 + Math.Exp(-v)), F.logsigmoid(x));
        var (mean, variance) = (xs.Average(), xs.Select(v => v * v).Average() - Math.Pow(xs.Average(), 2));
        Same(v => (v - mean) / Math.Sqrt(variance + 1e-5), F.layer_norm(x, [3]));
        Assert.NotEqual(Tanh(2), F.gelu(x)[2].item<double>());
    }

    [Fact]
    public void Of_one_seed_are_the_same_again_and_the_stream_can_be_put_back()
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        var first = randn(4);
        var state = get_rng_state();
        var (second, third) = (randn(4), rand(2));
        manual_seed(11);
        Assert.True(randn(4).Equals(first));
        set_rng_state(state);
        Assert.True(randn(4).Equals(second));
        Assert.True(rand(2).Equals(third));
        Assert.True(randperm(9, generator: new Generator(3)).Equals(randperm(9, generator: new Generator(3))));
    }

    [Fact]
    public void Compute_in_operators_as_in_methods()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, 2f, 4f });
        float[] Of(Tensor t) => t.data<float>().ToArray();
        Assert.Equal([0f, -1f, -3f], Of(1 - x));
        Assert.Equal([2f, 1f, 0.5f], Of(2.0 / x));
        Assert.Equal([1f, 0f, 0f], Of(x % 2));
        Assert.Equal([false, true, true], (x >= 2f).data<bool>().ToArray());
        Assert.Equal([false, false, true], ((x == 4f) & ~(x == 1f)).data<bool>().ToArray());
        Assert.Equal(7, (int)x.sum());
        Assert.Equal([1f, 9f, 9f], Of(where(x < 2, x, 9f)));
        Assert.Equal([4f, 2f], Of(x.topk(2).values));
        Assert.Equal([3L, 2L, 2L], stack(new[] { x, x }, 1).split(1, 1)[0].expand(3, 2).repeat_interleave(2, 1)[.., ..2].unsqueeze(2).expand(3, 2, 2).shape);
    }
}
