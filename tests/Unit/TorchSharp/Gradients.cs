using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Torch;

public sealed class Gradients
{
    // loss = ½ Σ (W₂ tanh(W₁ x) - y)²  ⇒  dW₂ = e hᵀ, dW₁ = ((W₂ᵀ e) ⊙ (1 - h²)) xᵀ
    [Fact]
    public void Of_a_small_network_are_those_of_the_formulas()
    {
        using var scope = NewDisposeScope();
        double[,] w1 = { { 0.1, -0.4, 0.7 }, { 0.3, 0.2, -0.5 } };
        double[] w2 = [0.6, -0.9], x = [1.0, 2.0, -1.5];
        const double y = 0.25;
        var (first, second) = (tensor(w1, requires_grad: true), tensor(w2, requires_grad: true));

        var loss = (first.matmul(tensor(x)).tanh().dot(second) - y).pow(2) * 0.5;
        loss.backward();

        var h = Enumerable.Range(0, 2).Select(i => Math.Tanh(Enumerable.Range(0, 3).Sum(j => w1[i, j] * x[j]))).ToArray();
        var error = h[0] * w2[0] + h[1] * w2[1] - y;
        Assert.Equal(0.5 * error * error, loss.item<double>(), 12);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(error * h[i], second.grad![i].item<double>(), 12);
            for (var j = 0; j < 3; j++) Assert.Equal(error * w2[i] * (1 - h[i] * h[i]) * x[j], first.grad![i, j].item<double>(), 12);
        }
    }

    [Fact]
    public void Add_up_over_backward_calls_until_they_are_dropped()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 3f }, requires_grad: true);
        x.pow(2).sum().backward();
        x.pow(2).sum().backward();
        Assert.Equal(12f, x.grad!.item<float>());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Flow_in_from_outside_through_grad_tensors()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, 2f, 3f }, requires_grad: true);
        (x * 2).backward([tensor(new[] { 1f, 10f, 100f })]);
        Assert.Equal([2f, 20f, 200f], x.grad!.data<float>().ToArray());

        var asked = autograd.grad([x.pow(2)], [x], [tensor(new[] { 1f, 1f, 0.5f })]);
        Assert.Equal([2f, 4f, 3f], asked[0].data<float>().ToArray());
    }

    [Fact]
    public void Are_not_recorded_under_no_grad_and_are_again_after_it()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f }, requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad()) Assert.True((x * 2).requires_grad);
            Assert.False((x * 2).requires_grad);
        }
        Assert.True((x * 2).requires_grad);
        using (inference_mode()) Assert.True(is_inference_mode_enabled());
        Assert.False(is_inference_mode_enabled());
    }
}
