namespace TorchSharp;

public static partial class torch
{
    private static Device? _defaultDevice;

    /// <summary>A device that holds tensors: "cpu", "cuda" or "cuda:1".</summary>
    public class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            type = Parse(parts[0], description);
            index = parts.Length == 1 ? First(type)
                : parts.Length == 2 && int.TryParse(parts[1], out var given) && given >= 0 ? given
                : throw new ArgumentException($"'{description}' is no device: write a type and maybe a number, such as 'cpu' or 'cuda:0'.", nameof(description));
        }

        public Device(string deviceType, int deviceIndex = -1) : this(Parse(deviceType, deviceType), deviceIndex) { }

        public Device(DeviceType deviceType, int deviceIndex = -1)
        {
            type = deviceType;
            index = deviceIndex < 0 ? First(deviceType) : deviceIndex;
        }

        /// <summary>A CUDA device by its number.</summary>
        public Device(int index) : this(DeviceType.CUDA, index) { }

        public DeviceType type { get; }

        /// <summary>The device's number; -1 where its type has only one.</summary>
        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString() => index < 0 ? Name : $"{Name}:{index}";

        private string Name => type.ToString().ToLowerInvariant();

        private static int First(DeviceType type) => type == DeviceType.CUDA ? 0 : -1;

        private static DeviceType Parse(string name, string whole) => name.ToLowerInvariant() switch
        {
            "cpu" => DeviceType.CPU,
            "cuda" => DeviceType.CUDA,
            "meta" => DeviceType.META,
            _ => throw new ArgumentException($"'{whole}' is no device this build knows: use 'cpu', 'cuda' or 'meta'."),
        };
    }

    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device META = new(DeviceType.META);
    public static Device CUDA => new(DeviceType.CUDA);

    public static Device device(string description) => new(description);
    public static Device device(string deviceType, int deviceIndex = -1) => new(deviceType, deviceIndex);
    public static Device device(DeviceType deviceType, int deviceIndex = -1) => new(deviceType, deviceIndex);
    public static Device device(int index) => new(index);

    /// <summary>The device of new tensors that are not told one.</summary>
    public static Device get_default_device() => _defaultDevice ?? CPU;

    public static void set_default_device(Device device) => _defaultDevice = device;

    public static void set_default_device(string device) => _defaultDevice = new Device(device);

    public static bool cuda_is_available() => cuda.is_available();

    /// <summary>What a GPU build offers; with Debian's libtorch there is none, and <see cref="is_available"/> says so.</summary>
    public static class cuda
    {
        public static bool is_available() => Native.tpo_has_cuda() != 0;

        public static int device_count() => Native.tpo_cuda_count();
    }

    public static void set_num_threads(int num) => Native.Done(Native.tpo_set_num_threads(num));

    public static int get_num_threads() => Native.tpo_num_threads();

    public static void set_num_interop_threads(int num) => Native.Done(Native.tpo_set_num_interop_threads(num));

    public static int get_num_interop_threads() => Native.tpo_num_interop_threads();
}
