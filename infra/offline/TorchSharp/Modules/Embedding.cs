using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Rows of a table by number. weight: (rows, width); it starts as standard normal, the padding row as zero.</summary>
    public class Embedding : nn.Module<Tensor, Tensor>
    {
        private readonly long _padding;

        internal Embedding(Parameter weight, long? padding) : base(nameof(Embedding)) => (this.weight, _padding) = (weight, padding ?? -1);

        public Parameter weight { get => Held("weight")!; set => Put("weight", value); }

        /// <summary>input: any shape of Int64 or Int32; result: that shape and the width.</summary>
        public override Tensor forward(Tensor input) => Native.Tensor(Native.tpo_embedding(weight.H, input.H, _padding));
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0,
                bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                MustBePlain(max_norm, scale_grad_by_freq, sparse);
                var values = empty([num_embeddings, embedding_dims], dtype, device).normal_();
                if (padding_idx is { } row)
                {
                    using var padding = values.select(0, row);
                    padding.zero_();
                }
                return new(new Modules.Parameter(values), padding_idx);
            }

            public static Modules.Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0,
                bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                MustBePlain(max_norm, scale_grad_by_freq, sparse);
                using var values = embeddings.detach();
                return new(new Modules.Parameter(values.to(dtype ?? values.dtype, device ?? values.device, copy: true), !freeze), padding_idx);
            }

            private static void MustBePlain(double? max_norm, bool scale_grad_by_freq, bool sparse)
            {
                if (max_norm is not null || scale_grad_by_freq || sparse)
                    throw new NotSupportedException("Embedding is offered without max_norm, scale_grad_by_freq and sparse: leave them at their defaults.");
            }
        }
    }
}
