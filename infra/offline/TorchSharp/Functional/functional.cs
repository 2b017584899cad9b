using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>How the losses of single elements become one.</summary>
        public enum Reduction : long { None = 0, Mean = 1, Sum = 2 }

        /// <summary>Layers' mathematics, without their parameters.</summary>
        public static partial class functional
        {
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);
            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor gelu(Tensor x, bool inplace) => Into(x, x.gelu(), inplace);

            public static Tensor gelu(Tensor x, GELU.Approximate approximate, bool inplace = false) => Into(x, x.gelu(approximate), inplace);

            public static Tensor silu(Tensor x, bool inplace = false) => Into(x, x.silu(), inplace);
            public static Tensor relu(Tensor x, bool inplace = false) => Into(x, x.relu(), inplace);
            public static Tensor sigmoid(Tensor x) => x.sigmoid();
            public static Tensor tanh(Tensor x, bool inplace = false) => Into(x, x.tanh(), inplace);

            /// <summary>log σ(x), without overflow.</summary>
            public static Tensor logsigmoid(Tensor x) => Native.Tensor(Native.tpo_log_sigmoid(x.H));

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => Native.Tensor(Native.tpo_softplus(x.H, beta, threshold));

            /// <summary>x Wᵀ + b. input: (…, in), weights: (out, in), bias: (out).</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Native.Tensor(Native.tpo_linear(input.H, weights.H, Or(bias)));

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) =>
                Native.Tensor(Native.tpo_layer_norm(input.H, normalized_shape, normalized_shape.Length, Or(weight), Or(bias), eps));

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Into(input, Native.Tensor(Native.tpo_dropout(input.H, p, training ? 1 : 0)), inplace);

            /// <summary>
            /// softmax(Q Kᵀ/√d + mask) V. query: (…, L, d), key and value: (…, S, d); a mask of bools keeps where it is true, one of numbers is added.
            /// </summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false) =>
                Native.Tensor(Native.tpo_attention(query.H, key.H, value.H, Or(attn_mask), p, is_casual ? 1 : 0));

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Native.Tensor(Native.tpo_one_hot(x.H, num_classes));

            /// <summary>x / max(‖x‖ₚ, eps), along one dimension.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1, double eps = 1e-12)
            {
                using var norm = Native.Tensor(Native.tpo_norm_dim(input.H, p, dim, 1));
                using var floor = norm.clamp(eps);
                return input / floor;
            }

            internal static TensorHandle Or(Tensor? tensor) => tensor?.H ?? TensorHandle.None;

            private static Tensor Into(Tensor input, Tensor result, bool inplace)
            {
                if (!inplace) return result;
                input.copy_(result);
                result.Dispose();
                return input.alias();
            }
        }
    }
}
