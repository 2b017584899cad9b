using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function's forward keeps for its backward.</summary>
        public sealed class AutogradContext : IDisposable
        {
            private List<Tensor> _saved = [];

            internal AutogradContext() { }

            /// <summary>Once, in forward: tensors that are freed as soon as backward is done with them.</summary>
            public void save_for_backward(List<Tensor> vars) => _saved = vars;

            public List<Tensor> get_saved_variables() => _saved;

            public void Dispose() => _saved = [];
        }

        /// <summary>
        /// An operation whose gradient is written by hand: forward runs without a graph, backward answers one gradient (or null) for each input, in
        /// their order. Inputs are tensors; what else a function has to know goes into one.
        /// </summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            /// <summary>Its name in error messages.</summary>
            public abstract string Name { get; }

            internal abstract List<Tensor> Forward(AutogradContext context, object[] vars);

            internal abstract List<Tensor> Backward(AutogradContext context, List<Tensor> gradients);

            private protected static List<Tensor> Apply(object[] vars)
            {
                if (vars.FirstOrDefault(one => one is not Tensor) is { } other)
                    throw new NotSupportedException($"A function takes tensors alone here, not a {other.GetType().Name}: put it into a tensor.");
                var function = new T();
                Tensor[] inputs = [.. vars.Cast<Tensor>()];
                var context = new AutogradContext();
                List<Tensor> outputs;
                using (no_grad())
                    outputs = function.Forward(context, vars);
                if (is_grad_enabled() && inputs.Any(input => input.requires_grad))
                    Join(function, context, inputs, outputs);
                return outputs;
            }

            private static unsafe void Join(T function, AutogradContext context, Tensor[] inputs, List<Tensor> outputs)
            {
                var saved = context.get_saved_variables();
                var call = new BackwardCall(function.Name, grads => function.Backward(context, grads), context);
                int ok = Native.tpo_function(function.Name, Native.Addresses(inputs), inputs.Length, Native.Addresses(outputs), outputs.Count,
                    Native.Addresses(saved), saved.Count, GCHandle.ToIntPtr(GCHandle.Alloc(call)), &BackwardCall.Run, &BackwardCall.Release);
                GC.KeepAlive((inputs, outputs, saved));
                // From here on the graph holds them: what forward saved lives as long as the graph, not as long as a scope.
                context.Dispose();
                Native.Done(ok);
            }
        }

        /// <summary>A function of one result.</summary>
        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            public static Tensor apply(params object[] vars) => Apply(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> Forward(AutogradContext context, object[] vars) => [forward(context, vars)];

            internal sealed override List<Tensor> Backward(AutogradContext context, List<Tensor> gradients) => backward(context, gradients[0]);
        }

        /// <summary>A function of several results.</summary>
        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            public static List<Tensor> apply(params object[] vars) => Apply(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> Forward(AutogradContext context, object[] vars) => forward(context, vars);

            internal sealed override List<Tensor> Backward(AutogradContext context, List<Tensor> gradients) => backward(context, gradients);
        }

        /// <summary>One application's way back, as libtorch calls it, on whatever thread its backward runs.</summary>
        private sealed record BackwardCall(string Name, Func<List<Tensor>, List<Tensor>> Backward, AutogradContext Context)
        {
            [UnmanagedCallersOnly]
            internal static unsafe int Run(nint context, nint* saved, int savedCount, nint* gradients, int gradientCount, nint* answer, int inputCount)
            {
                var call = (BackwardCall)GCHandle.FromIntPtr(context).Target!;
                try
                {
                    using var scope = NewDisposeScope();
                    call.Context.save_for_backward(Owned(saved, savedCount));
                    var found = call.Backward(Owned(gradients, gradientCount));
                    if (found.Count != inputCount)
                        throw new InvalidOperationException($"it answered {found.Count} gradients for {inputCount} inputs.");
                    for (var i = 0; i < inputCount; i++)
                        answer[i] = found[i] is { } one ? Native.tpo_share(one.H) : 0;
                    return 1;
                }
                catch (Exception e)
                {
                    Native.tpo_refuse($"The backward of {call.Name} failed: {e.Message}");
                    return 0;
                }
                finally
                {
                    call.Context.Dispose();
                }
            }

            [UnmanagedCallersOnly]
            internal static void Release(nint context) => GCHandle.FromIntPtr(context).Free();

            private static unsafe List<Tensor> Owned(nint* addresses, int count)
            {
                var tensors = new List<Tensor>(count);
                for (var i = 0; i < count; i++)
                    tensors.Add(Native.Tensor(addresses[i]));
                return tensors;
            }
        }
    }
}
