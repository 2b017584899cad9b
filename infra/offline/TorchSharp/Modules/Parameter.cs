using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>
    /// A tensor that a module learns. It takes the given tensor over, which is dead from then on; like any tensor made inside a dispose
    /// scope it dies with that scope, so models are built outside of scopes.
    /// </summary>
    public class Parameter : Tensor
    {
        public Parameter(Tensor data, bool requires_grad = true) : base(Leaf(data)) => this.requires_grad = requires_grad;

        private static TensorHandle Leaf(Tensor data)
        {
            if (data.is_leaf) return data.GiveUpHandle();
            var leaf = data.detach();
            data.Dispose();
            return leaf.GiveUpHandle();
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
