namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>First values; each fills the tensor, records nothing for backward and returns the tensor.</summary>
        public static class init
        {
            public static Tensor constant_(Tensor tensor, Scalar val) => Filled(tensor, () => tensor.fill_(val));
            public static Tensor zeros_(Tensor tensor) => Filled(tensor, () => tensor.zero_());
            public static Tensor ones_(Tensor tensor) => Filled(tensor, () => tensor.fill_(1));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                Filled(tensor, () => tensor.normal_(mean, std, generator));

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                Filled(tensor, () => tensor.uniform_(low, high, generator));

            /// <summary>Normal with σ = gain·√(2 / (fan in + fan out)).</summary>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => normal_(tensor, 0, gain * Math.Sqrt(2.0 / Fans(tensor)));

            /// <summary>Uniform in ±gain·√(6 / (fan in + fan out)).</summary>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var bound = gain * Math.Sqrt(6.0 / Fans(tensor));
                return uniform_(tensor, -bound, bound);
            }

            private static long Fans(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2) throw new ArgumentException($"Fan in and fan out need two dimensions or more; the tensor is {tensor}.");
                return (shape[0] + shape[1]) * shape.Skip(2).TotalSize();
            }

            private static Tensor Filled(Tensor tensor, Action fill)
            {
                using var _ = no_grad();
                fill();
                return tensor;
            }
        }
    }
}
