using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Torch;

// The count is the whole process's, so this test runs when no other does.
[CollectionDefinition(nameof(NativeMemory), DisableParallelization = true)]
[Collection(nameof(NativeMemory))]
public sealed class NativeMemory
{
    [Fact]
    public void Stays_flat_over_two_hundred_training_steps_with_a_scope_each()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 4));
        using var optimiser = optim.AdamW(model.parameters(), lr: 0.01);
        var alive = new List<long>();
        for (var step = 0; step < 200; step++)
        {
            using (NewDisposeScope())
            {
                var loss = nn.functional.mse_loss(model.call(randn(5, 8)), zeros(5, 4));
                optimiser.zero_grad();
                loss.backward();
                nn.utils.clip_grad_norm_(model.parameters(), 1);
                optimiser.step();
            }
            alive.Add(Tensor.TotalCount);
        }
        Assert.Equal(alive[9], alive[199]);
        Assert.All(model.parameters(), p => Assert.False(p.IsInvalid));
    }

    [Fact]
    public void Of_tensors_that_nobody_disposed_comes_back_with_the_collector()
    {
        long before = Collected();
        Forget();
        Assert.True(Tensor.TotalCount >= before + 50);
        Assert.InRange(Collected(), 0, before);
    }

    // Not inlined, so that no stack slot of the test keeps the last one.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget()
    {
        for (var i = 0; i < 50; i++) ones(10);
    }

    private static long Collected()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
