using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Tpo.Tests.Unit.Torch;

/// <summary>Names, defaults and habits of the official API that code written for it counts on, the odd ones above all.</summary>
public sealed class OfficialQuirks
{
    [Theory]
    // PyTorch's weight_decay is 0.01.
    [InlineData(typeof(optim), "AdamW", "parameters lr=0.001 beta1=0.9 beta2=0.999 eps=1E-08 weight_decay=0 amsgrad=False maximize=False")]
    // Misspelt there, and neither scale nor enable_gqa.
    [InlineData(typeof(F), "scaled_dot_product_attention", "query key value attn_mask=null p=0 is_casual=False")]
    [InlineData(typeof(F), "cross_entropy", "input target weight=null ignore_index=-100 reduction=Mean label_smoothing=0")]
    [InlineData(typeof(F), "interpolate", "x size=null scale_factor=null mode=Nearest align_corners=null recompute_scale_factor=False antialias=False")]
    [InlineData(typeof(F), "layer_norm", "input normalized_shape weight=null bias=null eps=1E-05")]
    [InlineData(typeof(F), "linear", "input weights bias=null")]
    [InlineData(typeof(F), "dropout", "input p=0.5 training=True inplace=False")]
    [InlineData(typeof(F), "normalize", "input p=2 dim=1 eps=1E-12")]
    [InlineData(typeof(F), "softmax", "input dim dtype=null")]
    [InlineData(typeof(nn.utils), "clip_grad_norm_", "tensors max_norm norm_type=2")]
    [InlineData(typeof(nn), "Linear", "inputSize outputSize hasBias=True device=null dtype=null")]
    [InlineData(typeof(nn), "Embedding", "num_embeddings embedding_dims padding_idx=null max_norm=null norm_type=2 scale_grad_by_freq=False sparse=False device=null dtype=null")]
    [InlineData(typeof(Tensor), "backward", "grad_tensors=null retain_graph=False create_graph=False inputs=null")]
    [InlineData(typeof(Tensor), "WriteBytesToStream", "stream bufferSize=1024")]
    [InlineData(typeof(Tensor), "ReadBytesFromStream", "stream bufferSize=1024")]
    [InlineData(typeof(Tensor), "allclose", "target rtol=1E-05 atol=1E-08 equal_nan=False")]
    [InlineData(typeof(nn.Module), "load_state_dict", "source strict=True skip=null")]
    [InlineData(typeof(nn.Module), "zero_grad", "set_to_none=True")]
    [InlineData(typeof(nn.Module), "register_buffer", "name tensor persistent=True")]
    public void Parameters_are_called_and_preset_as_in_the_official_package(Type type, string method, string expected)
    {
        string[] names = [.. expected.Split(' ').Select(one => one.Split('=')[0])];
        var forms = type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance)
            .Where(one => one.Name == method && one.GetParameters().Select(p => p.Name).SequenceEqual(names)).ToList();
        Assert.NotEmpty(forms);
        Assert.All(forms, form => Assert.Equal(expected, string.Join(' ', form.GetParameters().Select(p => p.HasDefaultValue ? $"{p.Name}={p.DefaultValue ?? "null"}" : p.Name))));
    }

    [Theory]
    [InlineData(typeof(nn), "RMSNorm")]
    [InlineData(typeof(F), "rms_norm")]
    [InlineData(typeof(torch), "autocast")]
    [InlineData(typeof(cuda), "empty_cache")]
    public void What_the_official_package_lacks_is_not_here(Type type, string member) => Assert.Empty(type.GetMember(member));

    [Fact]
    public void Element_types_have_libtorchs_numbers() =>
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 11, 15],
            new[] { ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64, ScalarType.Float16, ScalarType.Float32, ScalarType.Float64, ScalarType.Bool, ScalarType.BFloat16 }.Select(type => (int)type));

    [Fact]
    public void Equality_is_elementwise_and_the_greatest_come_as_values_and_indexes()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new[,] { { 1, 5 }, { 7, 3 } });
        Assert.Equal([false, true, false, false], (x == 5).data<bool>().ToArray());
        (Tensor values, Tensor indexes) = x.max(1);
        Assert.Equal([5, 7], values.data<int>().ToArray());
        Assert.Equal([1L, 0L], indexes.data<long>().ToArray());
    }

    [Fact]
    public void A_gradient_is_a_property_and_null_before_backward_and_after_zero_grad()
    {
        using var scope = NewDisposeScope();
        using Linear linear = nn.Linear(2, 1);
        Assert.Null(linear.weight.grad);
        linear.forward(ones(1, 2)).sum().backward();
        Assert.Equal([1f, 1f], linear.weight.grad!.data<float>().ToArray());
        linear.zero_grad();
        Assert.Null(linear.weight.grad);
    }

    [Fact]
    public void Sizes_are_told_as_ints_longs_arrays_or_spans_alike()
    {
        using var scope = NewDisposeScope();
        (int two, long three) = (2, 3);
        Assert.All(new[] { zeros(2, 3), zeros(two, three), zeros(new long[] { 2, 3 }), zeros([2, 3]), ones(2, 3), empty(2, 3), full(2, 3, 1.5), full(2L, 3L, 1.5) },
            made => Assert.Equal([2L, 3L], made.shape));
        Assert.Equal([2L, 3L, 4L, 5L], zeros(2, 3, 4, 5).shape);
        Assert.Equal([5f, 5f], full(2, 5f).data<float>().ToArray());
        Assert.Equal([2L, 3L], zeros(3).expand([2, 3]).shape);
    }

    [Fact]
    public void Narrow_numbers_and_four_dimensions_come_from_arrays_too()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(new short[] { -3, 4 }, tensor(new short[] { -3, 4 }).data<short>().ToArray());
        Assert.Equal(new sbyte[] { -3, 4 }, tensor(new List<sbyte> { -3, 4 }).data<sbyte>().ToArray());
        Assert.Equal((Half)0.5, tensor(new[,] { { (Half)0.5 } }).item<Half>());
        Tensor deep = tensor(new[,,,] { { { { 1f, 2f }, { 3f, 4f } } } });
        Assert.Equal([1L, 1L, 2L, 2L], deep.shape);
        Assert.True(deep.Equals(tensor(new List<float> { 1, 2, 3, 4 }, 1, 1, 2, 2)));
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => tensor(new List<float> { 1, 2, 3 }, 1, 1, 2, 2));
    }

    [Fact]
    public void Sums_run_over_two_or_three_dimensions_and_joins_take_a_span()
    {
        using var scope = NewDisposeScope();
        Tensor x = arange(24, dtype: ScalarType.Float32).reshape(2, 3, 4);
        Assert.True(x.sum(0, 2).Equals(x.sum(new long[] { 0, 2 })));
        Assert.Equal(276f, x.sum(0, 1, 2).item<float>());
        Assert.True(x.sum([0L, 2L], keepdim: true).shape is [1, 3, 1]);
        Assert.Equal([4L, 3L, 4L], cat([x, x], 0).shape);
        Assert.Equal([7f, 7f], ones(2).add_(3, 2).data<float>().ToArray());
    }

    [Fact]
    public void What_works_in_place_hands_back_another_view_of_its_input()
    {
        using var scope = NewDisposeScope();
        Tensor y = tensor(new[] { -1f });
        F.gelu(y, true).Dispose();
        Assert.Equal(-0.1586553f, y.item<float>(), 1e-6f);
        F.relu(y, inplace: true).add_(3);
        Assert.Equal(3f, y.item<float>());
    }

    [Fact]
    public void Modules_are_listed_and_chained_under_given_names()
    {
        using var chain = nn.Sequential(Tuple.Create("first", (nn.Module<Tensor, Tensor>)nn.Linear(2, 3)), Tuple.Create("second", (nn.Module<Tensor, Tensor>)nn.Linear(3, 1)));
        Assert.Equal(["first.weight", "first.bias", "second.weight", "second.bias"], chain.named_parameters().Select(entry => entry.name));
        using ModuleList<nn.Module> list = nn.ModuleList(nn.Linear(1, 1), nn.LayerNorm(2));
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], list.named_parameters().Select(entry => entry.name));
        using var scope = NewDisposeScope();
        using Conv2d same = nn.Conv2d(1, 1, (3, 5), Padding.Same);
        Assert.Equal([1L, 1L, 8L, 9L], same.forward(zeros(1, 1, 8, 9)).shape);
    }
}
