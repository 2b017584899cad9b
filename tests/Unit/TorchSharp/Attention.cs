using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Torch;

public sealed class Attention
{
    [Theory]
    [InlineData("none")]
    [InlineData("bools")]
    [InlineData("numbers")]
    [InlineData("causal")]
    public void In_one_call_equals_the_written_out_softmax_with_its_gradients(string mask)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        Tensor New() => randn(2, 3, 5, 4);
        var (q, k, v, weights) = (New().requires_grad_(), New().requires_grad_(), New().requires_grad_(), New());
        var keep = mask switch
        {
            "causal" => ones(5, 5).tril().@bool(),
            "none" => ones(5, 5).@bool(),
            _ => (rand(5, 5) > 0.4f) | eye(5).@bool(),
        };

        var scores = (q.matmul(k.transpose(-2, -1)) / Math.Sqrt(4)).masked_fill(~keep, float.NegativeInfinity);
        var written = scores.softmax(-1).matmul(v);
        var expected = autograd.grad([(written * weights).sum()], [q, k, v]);

        var given = mask switch
        {
            "bools" => keep,
            "numbers" => zeros(5, 5).masked_fill(~keep, float.NegativeInfinity),
            _ => null,
        };
        var called = nn.functional.scaled_dot_product_attention(q, k, v, given, is_casual: mask == "causal");
        var actual = autograd.grad([(called * weights).sum()], [q, k, v]);

        Assert.True(called.allclose(written, 1e-5, 1e-6));
        for (var i = 0; i < 3; i++) Assert.True(actual[i].allclose(expected[i], 1e-4, 1e-5));
    }
}
