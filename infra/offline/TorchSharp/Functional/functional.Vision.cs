namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>input: (N, C_in, H, W), weight: (C_out, C_in/groups, kH, kW), bias: (C_out).</summary>
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
            {
                long[] stride = strides ?? [1, 1], pad = padding ?? [0, 0], spread = dilation ?? [1, 1];
                return Native.Tensor(Native.tpo_conv2d(input.H, weight.H, Or(bias), stride, stride.Length, pad, pad.Length, spread, spread.Length, groups));
            }

            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1)
            {
                long[] stride = strides ?? [1, 1], spread = dilation ?? [1, 1];
                return Native.Tensor(Native.tpo_conv2d_named(input.H, weight.H, Or(bias), stride, stride.Length, padding == Padding.Same ? 1 : 0, spread, spread.Length, groups));
            }

            /// <summary>input: (N, C_in, D, H, W), weight: (C_out, C_in/groups, kD, kH, kW).</summary>
            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
            {
                long[] stride = strides ?? [1, 1, 1], pad = padding ?? [0, 0, 0], spread = dilation ?? [1, 1, 1];
                return Native.Tensor(Native.tpo_conv3d(input.H, weight.H, Or(bias), stride, stride.Length, pad, pad.Length, spread, spread.Length, groups));
            }

            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, [kernel_size, kernel_size], stride is { } s ? [s, s] : null, [padding, padding], ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? paddings = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
            {
                long[] stride = strides ?? kernel_size, pad = paddings ?? [0, 0];
                return Native.Tensor(Native.tpo_avg_pool2d(input.H, kernel_size, kernel_size.Length, stride, stride.Length, pad, pad.Length,
                    ceil_mode ? 1 : 0, count_include_pad ? 1 : 0, divisor_override ?? 0));
            }

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) =>
                Native.Tensor(Native.tpo_adaptive_avg_pool2d(input.H, output_size, output_size.Length));

            /// <summary>Adds a border: pad holds (before, after) for the last dimension, then for the one before it, and so on.</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Native.Tensor(Native.tpo_pad(input.H, pad, pad.Length, mode is PaddingModes.Constant or PaddingModes.Zeros ? 0 : (int)mode + 1, value));

            /// <summary>
            /// Resizes the spatial dimensions of x: (N, C, spatial…) to <paramref name="size"/>, or by <paramref name="scale_factor"/>.
            /// </summary>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if (size is null == scale_factor is null) throw new ArgumentException("interpolate: give either size or scale_factor.");
                var shape = x.shape;
                var spatial = shape.Length - 2;
                if (align_corners is not null && mode is InterpolationMode.Nearest or InterpolationMode.NearestExact or InterpolationMode.Area)
                    throw new ArgumentException($"interpolate: align_corners has no meaning for {mode}.");
                var wanted = mode switch
                {
                    InterpolationMode.Linear => 1,
                    InterpolationMode.Bilinear or InterpolationMode.Bicubic => 2,
                    InterpolationMode.Trilinear => 3,
                    _ => spatial,
                };
                if (spatial is < 1 or > 3 || spatial != wanted) throw new ArgumentException($"interpolate: {mode} does not work on {spatial} spatial dimensions; the tensor is {x}.");
                var factors = scale_factor is { Length: 1 } one ? Enumerable.Repeat(one[0], spatial).ToArray() : scale_factor;
                var to = size is { Length: 1 } same ? Enumerable.Repeat(same[0], spatial).ToArray() : size;
                if ((factors ?? [])!.Length != (factors is null ? 0 : spatial) || to is not null && to.Length != spatial)
                    throw new ArgumentException($"interpolate: size or scale_factor must have one entry, or one for each of the {spatial} spatial dimensions.");
                to ??= factors!.Select((factor, d) => (long)Math.Floor(shape[d + 2] * factor)).ToArray();
                return Native.Tensor(Native.tpo_interpolate(x.H, to, recompute_scale_factor ? null : factors, spatial, (int)mode, align_corners == true ? 1 : 0, antialias ? 1 : 0));
            }
        }
    }
}
