namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>-log softmax(input)[target]. input: (N, C, …), target: (N, …) of Int64; targets equal to ignore_index count for nothing.</summary>
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                Native.Tensor(Native.tpo_cross_entropy(input.H, target.H, Or(weight), ignore_index, (long)reduction, label_smoothing));

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                Native.Tensor(Native.tpo_nll_loss(input.H, target.H, Or(weight), (long)reduction));

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Native.Tensor(Native.tpo_mse_loss(input.H, target.H, (long)reduction));

            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                Native.Tensor(Native.tpo_bce_logits(input.H, target.H, Or(weight), Or(pos_weights), (long)reduction));
        }
    }
}
