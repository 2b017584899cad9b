namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers on the CPU.</summary>
    public class Generator : IDisposable
    {
        private nint _generator;

        public Generator(ulong seed = 0, Device? device = null)
        {
            if (device is { type: not DeviceType.CPU })
                throw new NotSupportedException($"A generator of its own is offered for the CPU only, not for {device}: seed that device with torch.manual_seed.");
            _generator = Native.tpo_generator_new((long)seed);
        }

        private Generator(nint generator) => _generator = generator;

        ~Generator() => Dispose(false);

        /// <summary>The CPU's own generator, which every draw without a generator uses.</summary>
        public static Generator Default => new(Native.tpo_generator_default());

        public nint Handle => _generator != 0 ? _generator : throw new ObjectDisposedException(nameof(Generator));

        public Device device => CPU;

        public long initial_seed() => Native.tpo_generator_initial_seed(Handle);

        /// <summary>Seeds from the system's entropy and returns the seed.</summary>
        public long seed() => Native.tpo_generator_seed(Handle);

        public Generator manual_seed(long seed)
        {
            Native.Done(Native.tpo_generator_manual_seed(Handle, seed));
            return this;
        }

        /// <summary>The whole state as a byte tensor.</summary>
        public Tensor get_state() => Native.Tensor(Native.tpo_generator_state(Handle));

        public void set_state(Tensor value) => Native.Done(Native.tpo_generator_set_state(Handle, value.H));

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var generator = Interlocked.Exchange(ref _generator, 0);
            if (generator != 0) TorchSharp.Native.tpo_generator_free(generator);
        }
    }

    /// <summary>Seeds every device's generator; returns the CPU's.</summary>
    public static Generator manual_seed(long seed)
    {
        Native.Done(Native.tpo_manual_seed(seed));
        return Generator.Default;
    }

    public static long initial_seed() => random.initial_seed();

    public static long seed() => random.seed();

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    /// <summary>The CPU's generator.</summary>
    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static long initial_seed() { using var g = Generator.Default; return g.initial_seed(); }

        public static long seed()
        {
            using var g = Generator.Default;
            var drawn = g.seed();
            Native.Done(Native.tpo_manual_seed(drawn));
            return drawn;
        }

        public static Tensor get_rng_state() { using var g = Generator.Default; return g.get_state(); }

        public static void set_rng_state(Tensor new_state) { using var g = Generator.Default; g.set_state(new_state); }
    }
}
