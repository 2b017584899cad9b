namespace TorchSharp;

public static partial class torch
{
    /// <summary>Until disposed, this thread's operations record nothing for backward.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    /// <summary>Until disposed, this thread's new tensors can never take part in backward; a little faster than <see cref="no_grad"/>.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled() => Native.tpo_grad_enabled() != 0;

    public static bool is_inference_mode_enabled() => Native.tpo_inference_enabled() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly bool _before = is_grad_enabled();
        private bool _left;

        internal GradMode(bool enabled) => Native.tpo_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_left) return;
            _left = true;
            Native.tpo_set_grad_enabled(_before ? 1 : 0);
        }
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint _guard = Native.tpo_inference_enter(enabled ? 1 : 0);

        public void Dispose()
        {
            var guard = Interlocked.Exchange(ref _guard, 0);
            if (guard != 0) Native.tpo_inference_leave(guard);
        }
    }
}
