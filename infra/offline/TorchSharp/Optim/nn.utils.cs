using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            /// <summary>
            /// Scales all gradients by max_norm / (norm + 1e-6) where that is below one; returns their norm before that, as of one vector.
            /// On a GPU this waits for the device.
            /// </summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                var all = tensors.ToArray();
                var ok = Native.tpo_clip_grad_norm(Native.Addresses(all), all.Length, max_norm, norm_type, out var norm);
                GC.KeepAlive(all);
                Native.Done(ok);
                return norm;
            }
        }
    }
}
