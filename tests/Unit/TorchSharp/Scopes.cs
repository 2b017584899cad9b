using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Torch;

public sealed class Scopes
{
    [Fact]
    public void What_is_moved_out_lives_in_the_outer_scope_and_dies_with_it()
    {
        Tensor outer, inner, free;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                (outer, inner, free) = (ones(2).MoveToOuterDisposeScope(), ones(2), ones(2).DetachFromDisposeScope());
            }
            Assert.False(outer.IsInvalid);
            Assert.True(inner.IsInvalid);
            Assert.Contains("disposed", Assert.Throws<InvalidOperationException>(() => inner.sum()).Message);
        }
        Assert.True(outer.IsInvalid);
        Assert.False(free.IsInvalid);
        free.Dispose();
    }

    [Fact]
    public void A_model_built_inside_a_scope_dies_with_it()
    {
        Linear linear;
        using (NewDisposeScope()) linear = nn.Linear(2, 2);
        Assert.True(linear.weight.IsInvalid);
    }

    [Fact]
    public void A_scope_with_many_holes_still_disposes_what_is_left()
    {
        var scope = NewDisposeScope();
        var all = Enumerable.Range(0, 300).Select(i => tensor(i)).ToArray();
        foreach (var one in all.Where((_, i) => i % 3 != 0)) one.Dispose();
        Assert.Equal(100, scope.DisposablesCount);
        Assert.Equal(297, all[297].item<int>());
        all[150].DetachFromDisposeScope();
        scope.Dispose();
        Assert.Equal(150, all[150].item<int>());
        Assert.All(all.Where((_, i) => i != 150), one => Assert.True(one.IsInvalid));
        all[150].Dispose();
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        Tensor? elsewhere = null;
        var thread = new Thread(() => elsewhere = ones(1));
        thread.Start();
        thread.Join();
        Assert.Equal(0, scope.DisposablesCount);
        elsewhere!.Dispose();
    }

    [Fact]
    public void An_outer_scope_that_ends_first_takes_nothing_of_the_inner_one_and_what_moves_out_then_goes_further_out()
    {
        using DisposeScope outermost = NewDisposeScope();
        DisposeScope outer = NewDisposeScope();
        DisposeScope inner = NewDisposeScope();
        Tensor x = ones(2);
        outer.Dispose();
        Assert.False(x.IsInvalid);
        x.MoveToOuterDisposeScope();
        inner.Dispose();
        inner.Dispose();
        Assert.False(x.IsInvalid);
        Assert.True(outermost.Contains(x));
        Assert.Same(outermost, CurrentDisposeScope);
    }

    [Fact]
    public void An_exception_leaves_no_tensor_behind_and_the_scope_around_it_in_charge()
    {
        using DisposeScope around = NewDisposeScope();
        Tensor? inside = null;
        Assert.ThrowsAny<Exception>(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            inside = ones(2, 3);
            return inside.matmul(ones(2, 3));
        });
        Assert.True(inside!.IsInvalid);
        Assert.Same(around, CurrentDisposeScope);
        Assert.Equal(0, around.DisposablesCount);
    }

    [Fact]
    public void Everything_but_what_is_kept_goes()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor a, Tensor b, Tensor c) = (ones(1), ones(1), ones(1));
        Assert.Same(b, scope.DisposeEverythingBut(b));
        Assert.Equal((true, false, true), (a.IsInvalid, b.IsInvalid, c.IsInvalid));
        Assert.Equal(1, scope.DisposablesCount);
    }
}
