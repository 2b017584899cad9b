namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Native.tpo_requires_grad(H) != 0;
            set => Native.Done(Native.tpo_set_requires_grad(H, Flag(value)));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf => Native.tpo_is_leaf(H) != 0;

        /// <summary>The gradient that backward left here, as a new view of it; null where there is none.</summary>
        public Tensor? grad
        {
            get => Native.TensorOrNull(Native.tpo_get_grad(H));
            set => Native.Done(Native.tpo_set_grad(H, value?.H ?? TensorHandle.None));
        }

        public void retain_grad() => Native.Done(Native.tpo_retain_grad(H));
        public Tensor detach() => Made(Native.tpo_detach(H));
        public Tensor detach_() => Changed(Native.tpo_detach_(H));

        public void backward() => autograd.Run([this], null, false, false, null);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.Run([this], grad_tensors, retain_graph, create_graph, inputs);
    }

    /// <summary>Gradients by reverse mode.</summary>
    public static partial class autograd
    {
        /// <summary>Adds d(sum of outputs·grad_outputs)/d(leaf) to every leaf's <see cref="Tensor.grad"/>, or to the <paramref name="inputs"/>' alone.</summary>
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            Run(tensors, grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            Run([tensor], grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            Run([tensor], [grad_tensor], retain_graph ?? create_graph, create_graph, inputs);

        /// <summary>d(sum of outputs·grad_outputs)/d(input) for each input, in their order; nothing is added to any <see cref="Tensor.grad"/>.</summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var found = new nint[inputs.Count];
            var ok = Native.tpo_grad(Of(outputs), outputs.Count, Of(inputs), inputs.Count, Of(grad_outputs), grad_outputs?.Count ?? 0,
                retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, found);
            KeepAlive(outputs, inputs, grad_outputs);
            Native.Done(ok);
            return found.Select(one => Native.TensorOrNull(one)!).ToList();
        }

        internal static void Run(IList<Tensor> tensors, IList<Tensor>? grads, bool retain, bool create, IList<Tensor>? inputs)
        {
            var ok = Native.tpo_backward(Of(tensors), tensors.Count, Of(grads), grads?.Count ?? 0, retain ? 1 : 0, create ? 1 : 0, Of(inputs), inputs?.Count ?? 0);
            KeepAlive(tensors, grads, inputs);
            Native.Done(ok);
        }

        private static nint[] Of(IList<Tensor>? tensors) => tensors is null ? [] : tensors.Select(t => t.Handle).ToArray();

        private static void KeepAlive(params object?[] all) => GC.KeepAlive(all);
    }
}
