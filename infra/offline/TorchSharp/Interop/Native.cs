using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// The C boundary: what the shim's functions answer, turned into tensors and exceptions. A function that makes a tensor answers its
/// address, or zero and an error; one that does something answers one, or zero and an error.
/// </summary>
internal static partial class Native
{
    private const string Library = "tpo_torch";

    /// <summary>Takes over a tensor that the shim made.</summary>
    internal static torch.Tensor Tensor(nint made) => made != 0 ? new torch.Tensor(new TensorHandle(made)) : throw Failure();

    internal static torch.Tensor? TensorOrNull(nint made) => made != 0 ? new torch.Tensor(new TensorHandle(made)) : null;

    internal static void Done(int ok)
    {
        if (ok == 0) throw Failure();
    }

    /// <summary>libtorch's own message, as the official binding gives it.</summary>
    internal static ExternalException Failure() =>
        new(Marshal.PtrToStringUTF8(tpo_last_error()) is { Length: > 0 } message ? message : "libtorch failed without a message.");

    /// <summary>The addresses of several tensors; keep the tensors alive until the call has returned.</summary>
    internal static nint[] Addresses(IReadOnlyList<torch.Tensor> tensors)
    {
        var addresses = new nint[tensors.Count];
        for (var i = 0; i < addresses.Length; i++) addresses[i] = tensors[i].Handle;
        return addresses;
    }
}

/// <summary>A number on its way to libtorch: kind 0 an integer, 1 a real (its bits), 2 a bool.</summary>
internal readonly record struct Number(long Kind, long Bits);

/// <summary>Element type and device of a new tensor; -1 says "not given".</summary>
internal readonly record struct Kind(int Type, int DeviceType, int DeviceIndex)
{
    internal static Kind Of(torch.ScalarType? type, torch.Device? device) =>
        new(type is { } t ? (int)t : -1, device is null ? -1 : (int)device.type, device?.index ?? -1);
}

/// <summary>One entry of an index: 0 a new dimension, 1 an ellipsis, 2 one index, 3 a bool, 4 a slice, 5 a tensor.</summary>
internal readonly record struct IndexEntry(long Form, long Start, long Stop, long Step, nint Tensor)
{
    internal const long NotGiven = long.MinValue;
}

/// <summary>What one AdamW step needs besides tensors.</summary>
internal readonly record struct AdamWStep(double LearningRate, double Beta1, double Beta2, double Eps, double WeightDecay, long Amsgrad, long Maximize);
