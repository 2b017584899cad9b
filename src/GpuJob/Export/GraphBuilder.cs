using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Tpo.GpuJob.Export.Onnx;
using Tpo.Shared.Models;
using static Tpo.GpuJob.Export.Onnx.TensorProto.Types;

namespace Tpo.GpuJob.Export;

/// <summary>
/// Writes one ONNX graph node by node. Values are named by strings; weights are references into safetensors files. The graph computes in
/// one floating type, that of its weights; numbers that a host hands in or gets back are f32 whatever that is.
/// </summary>
public sealed class GraphBuilder(string name, CheckpointWeights weights, ServingType type, bool int8 = false)
{
    /// <summary>ONNX Runtime's own operators (grouped-query attention, fused norms).</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>What the graph computes in.</summary>
    public DataType Type { get; } = type switch { ServingType.F16 => DataType.Float16, ServingType.BF16 => DataType.Bfloat16, _ => DataType.Float };

    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _weights = new(StringComparer.Ordinal);
    private int _values;

    /// <summary>A dimension is a number or the name of a size that is known only when the graph runs. f32 is cast to the graph's type.</summary>
    /// <returns>the value to compute with</returns>
    public string Input(string value, DataType type, params object[] shape)
    {
        _graph.Input.Add(Describe(value, type, shape));
        return type == DataType.Float ? Cast(value, Type) : value;
    }

    /// <summary>The type is f32, which a value of the graph's type is cast to, or the value's own.</summary>
    public void Output(string value, string from, DataType type, params object[] shape)
    {
        if (type == DataType.Float && Type != type)
            Add("Cast", "", [from], [value], [("to", (long)type)]);
        else if (value != from)
            Add("Identity", "", [from], [value], []);
        _graph.Output.Add(Describe(value, type, shape));
    }

    /// <summary>A tensor of the checkpoint: it stays where it lies.</summary>
    public string Weight(string tensor, params long[] shape)
    {
        if (!_weights.Add(tensor))
            return tensor;
        AddWeight(tensor, weights.Find(tensor, shape), shape);
        return tensor;
    }

    private void AddWeight(string name, StoredTensor stored, params long[] shape)
    {
        var (file, entry) = stored;
        var type = entry.Dtype switch { "F16" => DataType.Float16, "BF16" => DataType.Bfloat16, "U8" => DataType.Uint8, _ => DataType.Float };
        var initializer = new TensorProto { Name = name, DataType = type, DataLocation = DataLocation.External };
        initializer.Dims.AddRange(shape);
        initializer.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = file });
        initializer.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = entry.Offset.ToString(CultureInfo.InvariantCulture) });
        initializer.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = entry.Length.ToString(CultureInfo.InvariantCulture) });
        _graph.Initializer.Add(initializer);
    }

    /// <summary>A small list of integers written into the graph: shapes, sizes, indices.</summary>
    public string Integers(params long[] values)
    {
        var bytes = ByteString.CopyFrom(MemoryMarshal.AsBytes<long>(values));
        var tensor = new TensorProto { Name = NextValue("ints"), DataType = DataType.Int64, RawData = bytes };
        tensor.Dims.Add(values.Length);
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>A node with one output. An empty input name is an absent optional input.</summary>
    public string Node(string op, string[] inputs, params (string Name, object Value)[] attributes) => Nodes(op, "", 1, inputs, attributes)[0];

    /// <summary>A node of ONNX Runtime's own with one output.</summary>
    public string OwnNode(string op, string[] inputs, params (string Name, object Value)[] attributes) => Nodes(op, Microsoft, 1, inputs, attributes)[0];

    /// <summary>
    /// A node of an operator that ONNX Runtime's CUDA kernels lack in bf16 (pictures' ones: convolution, pooling, resizing, attention over
    /// patches): there it computes in f32. Names of absent inputs and of integers are passed on.
    /// </summary>
    public string PictureNode(string op, string domain, string[] numbers, string[] others, params (string Name, object Value)[] attributes) => Type != DataType.Bfloat16
        ? Nodes(op, domain, 1, [.. numbers, .. others], attributes)[0]
        : Cast(Nodes(op, domain, 1, [.. numbers.Select(number => Cast(number, DataType.Float, Type)), .. others], attributes)[0], Type);

    public string[] Nodes(string op, string domain, int outputs, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string[] values = [.. Enumerable.Range(0, outputs).Select(_ => NextValue(op))];
        Add(op, domain, inputs, values, attributes);
        return values;
    }

    public void Add(string op, string domain, string[] inputs, string[] outputs, (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = op, Domain = domain, Name = outputs[0] };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        _graph.Node.Add(node);
    }

    /// <summary>x·Wᵀ + b for x [rows, inSize], as Hugging Face stores W [outSize, inSize].</summary>
    public string Linear(string x, string module, int inSize, int outSize, bool bias) =>
        Product(x, $"{module}.weight", inSize, outSize, bias ? Weight($"{module}.bias", outSize) : null);

    /// <summary>x·Wᵀ, and a bias if there is one; in a graph of int8 weights W is rounded where its rows are whole blocks.</summary>
    public string Product(string x, string tensor, int inSize, int outSize, string? bias = null)
    {
        if (!int8 || inSize % Int8Blocks.Size != 0)
            return Node("Gemm", bias is null ? [x, Weight(tensor, outSize, inSize)] : [x, Weight(tensor, outSize, inSize), bias], ("transB", 1L));
        string values = Int8Blocks.ValuesOf(tensor), scales = Int8Blocks.ScalesOf(tensor);
        var stored = weights.FindRounded(tensor, outSize, inSize);
        AddWeight(values, stored.Values, outSize, inSize / Int8Blocks.Size, Int8Blocks.Size);
        AddWeight(scales, stored.Scales, (long)outSize * inSize / Int8Blocks.Size);
        // Level 4: activations are rounded to eight bits as well, and multiplied as integers.
        return OwnNode("MatMulNBits", bias is null ? [x, values, scales] : [x, values, scales, "", "", bias],
            ("K", (long)inSize), ("N", (long)outSize), ("bits", 8L), ("block_size", (long)Int8Blocks.Size), ("accuracy_level", 4L));
    }

    public string Reshape(string x, params long[] shape) => Node("Reshape", [x, Integers(shape)]);

    public byte[] ToBytes()
    {
        var model = new ModelProto { IrVersion = 9, ProducerName = "tpo-serverless", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 20 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Microsoft, Version = 1 });
        return model.ToByteArray();
    }

    /// <summary>A value of one floating type as another.</summary>
    private string Cast(string value, DataType to, DataType from = DataType.Float) => to == from ? value : Node("Cast", [value], ("to", (long)to));

    private string NextValue(string stem) => $"{stem}_{_values++}";

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        long number => new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = number },
        double number => new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)number },
        string text => new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(text) },
        long[] numbers => new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers } },
        _ => throw new ArgumentException($"Attribute '{name}' has the unsupported type {value.GetType().Name}.", nameof(value)),
    };

    private static ValueInfoProto Describe(string name, DataType type, object[] shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var size in shape)
            dimensions.Dim.Add(size is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, CultureInfo.InvariantCulture) });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = dimensions } } };
    }
}
