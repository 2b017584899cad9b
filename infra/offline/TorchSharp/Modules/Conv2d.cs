using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>What convolutions have in common.</summary>
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        private protected Convolution(string name) : base(name) { }

        public long in_channels { get; private protected init; }
        public long out_channels { get; private protected init; }
        public long[] kernel_size { get; set; } = [];
        public long[] stride { get; set; } = [];
        public long[] padding { get; private protected init; } = [];
        public Padding? padding_type { get; private protected init; }
        public long[] dilation { get; set; } = [];
        public long groups { get; set; }
        public PaddingModes padding_mode { get; set; }
        public Parameter weight { get => Held("weight")!; set => Put("weight", value); }
        public Parameter? bias { get => Held("bias"); set => Put("bias", value); }
    }

    /// <summary>Convolution of (N, C_in, H, W). weight: (C_out, C_in/groups, kH, kW); weight and bias start uniform in ±1/√(C_in/groups·kH·kW).</summary>
    public class Conv2d : Convolution
    {
        internal Conv2d(long from, long to, (long, long) kernel, (long, long) stride, (long, long) padding, Padding? rule, (long, long) dilation,
            PaddingModes mode, long groups, bool withBias, Device? device, ScalarType? dtype) : base(nameof(Conv2d))
        {
            (in_channels, out_channels, this.groups, padding_mode, padding_type) = (from, to, groups, mode, rule);
            (kernel_size, this.stride, this.padding, this.dilation) = (Both(kernel), Both(stride), Both(padding), Both(dilation));
            if (rule is not null && mode != PaddingModes.Zeros) throw new NotSupportedException("Conv2d with Padding.Same or Padding.Valid is offered for PaddingModes.Zeros only.");
            var bound = 1 / Math.Sqrt(from / groups * kernel.Item1 * kernel.Item2);
            weight = nn.Uniform([to, from / groups, kernel.Item1, kernel.Item2], bound, device, dtype);
            bias = withBias ? nn.Uniform([to], bound, device, dtype) : null;
        }

        public override Tensor forward(Tensor input)
        {
            if (padding_type is { } rule) return nn.functional.conv2d_padding(input, weight, bias, stride, rule, dilation, groups);
            if (padding_mode == PaddingModes.Zeros) return nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
            using var padded = nn.functional.pad(input, [padding[1], padding[1], padding[0], padding[0]], padding_mode);
            return nn.functional.conv2d(padded, weight, bias, stride, [0, 0], dilation, groups);
        }

        private static long[] Both((long, long) pair) => [pair.Item1, pair.Item2];
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), null, (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), null, dilation ?? (1, 1), padding_mode, groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (0, 0), padding, (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null, (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1), (0, 0), padding, dilation ?? (1, 1), padding_mode, groups, bias, device, dtype);
        }
    }
}
