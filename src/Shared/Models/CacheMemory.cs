using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Tpo.Shared.Models;

/// <summary>Where keys and values lie, and in which type: in this process's memory in f32, or on the GPU in the half precision of its graphs.</summary>
internal sealed class CacheMemory : IDisposable
{
    private readonly OrtMemoryInfo? _device;
    private readonly OrtAllocator _allocator;
    private readonly TensorElementType _element;

    public CacheMemory(InferenceSession session, ServingType type, bool onCuda)
    {
        _element = type switch { ServingType.F16 => TensorElementType.Float16, ServingType.BF16 => TensorElementType.BFloat16, _ => TensorElementType.Float };
        (Type, OnDevice) = (type, onCuda);
        _device = onCuda ? new OrtMemoryInfo("Cuda", OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default) : null;
        _allocator = _device is null ? OrtAllocator.DefaultInstance : new OrtAllocator(session, _device);
    }

    public ServingType Type { get; }
    /// <summary>True where this process cannot read the numbers by itself.</summary>
    public bool OnDevice { get; }

    public OrtValue Allocate(long[] shape) => OrtValue.CreateAllocatedTensorValue(_allocator, _element, shape);

    public void Dispose()
    {
        if (_device is null)
            return;
        _allocator.Dispose();
        _device.Dispose();
    }
}
