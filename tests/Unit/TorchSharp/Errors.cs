using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Torch;

public sealed class Errors
{
    [Fact]
    public void Of_libtorch_arrive_with_libtorchs_own_sentence()
    {
        using var scope = NewDisposeScope();
        var message = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3))).Message;
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", message);
        Assert.DoesNotContain("frame #", message);
        Assert.Contains("does not require grad", Assert.Throws<ExternalException>(() => ones(1).backward()).Message);
        Assert.Contains("must match the size", Assert.Throws<ExternalException>(() => ones(2) + ones(3)).Message);
    }

    [Fact]
    public void Of_reading_say_what_to_do()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("to_type", Assert.Throws<ArgumentException>(() => ones(2).data<double>()).Message);
        Assert.Contains("one element", Assert.Throws<ArgumentException>(() => ones(2).item<float>()).Message);
        Assert.Contains("contiguous()", Assert.Throws<InvalidOperationException>(() => ones(2, 3).t().bytes.Length).Message);
        Assert.Throws<EndOfStreamException>(() => ones(2).ReadBytesFromStream(new MemoryStream(new byte[7])));
    }

    [Fact]
    public void Of_a_tensor_that_a_parameter_took_over_say_so()
    {
        var data = ones(2);
        using var parameter = nn.Parameter(data);
        Assert.Contains("Parameter", Assert.Throws<InvalidOperationException>(() => data.sum()).Message);
        Assert.True(parameter.requires_grad);
    }
}
