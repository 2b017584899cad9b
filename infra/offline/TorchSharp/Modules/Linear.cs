using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>x Wᵀ + b. weight: (out, in), bias: (out); both start uniform in ±1/√in.</summary>
    public class Linear : nn.Module<Tensor, Tensor>
    {
        internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
        {
            (this.weight, this.bias) = (weight, bias);
            (out_features, in_features) = (weight.shape[0], weight.shape[1]);
        }

        public long in_features { get; set; }
        public long out_features { get; set; }
        public Parameter weight { get => Held("weight")!; set => Put("weight", value); }
        public Parameter? bias { get => Held("bias"); set => Put("bias", value); }

        public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null)
            {
                var bound = 1 / Math.Sqrt(inputSize);
                var weight = Uniform([outputSize, inputSize], bound, device, dtype);
                return new(weight, hasBias ? Uniform([outputSize], bound, device, dtype) : null);
            }

            public static Modules.Linear Linear(Modules.Parameter weight, Modules.Parameter? bias = null) => new(weight, bias);

            internal static Modules.Parameter Uniform(long[] shape, double bound, Device? device, ScalarType? dtype)
            {
                var values = empty(shape, dtype, device);
                return new(values.uniform_(-bound, bound));
            }
        }
    }
}
