using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Torch;

/// <summary>Functions whose gradient is written by hand. One test counts the process's tensors, so they run when no other does.</summary>
[Collection(nameof(NativeMemory))]
public sealed class Functions
{
    [Fact]
    public void Take_part_in_a_graph_with_the_gradient_they_say()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 1f, 2f, 3f }, requires_grad: true), y = tensor(new[] { 4f, 5f, 6f }, requires_grad: true);
        Tensor product = Product.apply(x * 2, y);
        Assert.Equal([8f, 20f, 36f], product.data<float>().ToArray());
        Assert.True(product.requires_grad);
        (product * 10).sum().backward();
        Assert.Equal([80f, 100f, 120f], x.grad!.data<float>().ToArray());
        Assert.Equal([20f, 40f, 60f], y.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Keep_what_they_saved_after_the_scope_it_was_made_in()
    {
        using var outer = NewDisposeScope();
        Tensor x = tensor(new[] { 3f }, requires_grad: true), loss;
        using (NewDisposeScope())
            loss = Product.apply(x * 2, x + 1).sum().MoveToOuterDisposeScope();
        loss.backward();
        Assert.Equal(14f, x.grad!.item<float>());
    }

    [Fact]
    public void Are_plain_operations_where_nothing_asks_for_a_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 1f }, requires_grad: true);
        using (no_grad())
            Assert.False(Product.apply(x, x).requires_grad);
        Assert.False(Product.apply(x.detach(), x.detach()).requires_grad);
    }

    [Fact]
    public void Of_several_results_get_a_gradient_for_each_also_for_one_that_was_not_used()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 2f }, requires_grad: true);
        List<Tensor> powers = Powers.apply(x);
        (powers[1] * 5).sum().backward();
        Assert.Equal(5 * 3 * 4f, x.grad!.item<float>());
    }

    [Fact]
    public void That_fail_on_the_way_back_say_their_name_and_why()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 2f }, requires_grad: true);
        Assert.Contains("The backward of Broken failed: no way back", Assert.Throws<ExternalException>(() => Broken.apply(x).sum().backward()).Message);
        Tensor twice = Product.apply(x, x).sum();
        twice.backward();
        Assert.Contains("a second time", Assert.Throws<ExternalException>(() => twice.backward()).Message);
    }

    [Fact]
    public void Refuse_what_is_not_a_tensor_and_their_own_input_as_result()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[] { 2f }, requires_grad: true);
        Assert.Contains("tensors alone", Assert.Throws<NotSupportedException>(() => Product.apply(x, 3)).Message);
        Assert.Contains("one of its inputs", Assert.Throws<ExternalException>(() => Same.apply(x)).Message);
    }

    [Fact]
    public void Leave_no_tensor_behind()
    {
        long before = Tensor.TotalCount;
        for (var i = 0; i < 50; i++)
        {
            using var scope = NewDisposeScope();
            Tensor x = tensor(new[] { 3f }, requires_grad: true);
            Tensor loss = Product.apply(x * 2, x + 1).sum();
            if (i % 2 == 0)
                loss.backward();
        }
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Are_forgotten_with_their_graph()
    {
        WeakReference function = Once();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(function.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Once()
        {
            using var scope = NewDisposeScope();
            Tensor x = tensor(new[] { 3f }, requires_grad: true);
            Product.apply(x, x).sum().backward();
            return new WeakReference(Product.Last);
        }
    }

    private sealed class Product : autograd.SingleTensorFunction<Product>
    {
        private static readonly WeakReference<Product?> _last = new(null);

        public static Product? Last => _last.TryGetTarget(out Product? last) ? last : null;

        public override string Name => nameof(Product);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            _last.SetTarget(this);
            (Tensor x, Tensor y) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.save_for_backward([x, y]);
            return x * y;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            return [grad_output * saved[1], grad_output * saved[0]];
        }
    }

    /// <summary>x², x³</summary>
    private sealed class Powers : autograd.MultiTensorFunction<Powers>
    {
        public override string Name => nameof(Powers);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            return [x.pow(2), x.pow(3)];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            Tensor x = ctx.get_saved_variables()[0];
            return [grad_outputs[0] * x * 2 + grad_outputs[1] * x.pow(2) * 3];
        }
    }

    private sealed class Broken : autograd.SingleTensorFunction<Broken>
    {
        public override string Name => nameof(Broken);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => throw new InvalidOperationException("no way back");
    }

    private sealed class Same : autograd.SingleTensorFunction<Same>
    {
        public override string Name => nameof(Same);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output];
    }
}
