using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Tpo.Tests.Unit.Torch;

public sealed class ModuleState
{
    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly LayerNorm norm = LayerNorm(4);
        private readonly ModuleList<Linear> experts;
        [ComponentName(Name = "out_proj")] private readonly Linear _out = Linear(4, 4, hasBias: false);

        public Block() : base(nameof(Block))
        {
            experts = ModuleList(Linear(4, 4), Linear(4, 4));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _out.call(experts.Aggregate(norm.call(input), (x, expert) => x + expert.call(x)));
    }

    private sealed class Net : Module<Tensor, Tensor>
    {
        public readonly ModuleList<Block> layers = ModuleList(new Block(), new Block());
        public readonly Parameter scale = Parameter(ones(4));
        public readonly Tensor table = arange(3);
        public Linear? late;

        public Net() : base(nameof(Net))
        {
            RegisterComponents();
            late = Linear(4, 4);
        }

        public override Tensor forward(Tensor input) => layers.Aggregate(input, (x, layer) => layer.call(x)) * scale;
    }

    private static readonly string[] BlockNames =
        ["norm.weight", "norm.bias", "experts.0.weight", "experts.0.bias", "experts.1.weight", "experts.1.bias", "out_proj.weight"];

    [Fact]
    public void Names_follow_fields_lists_and_given_names_and_leave_out_what_came_late()
    {
        using var net = new Net();
        var expected = new[] { 0, 1 }.SelectMany(i => BlockNames.Select(name => $"layers.{i}.{name}")).Append("scale").Append("table");
        Assert.Equal(expected.Order(), net.state_dict().Keys.Order());
        Assert.Equal(15, net.parameters().Count());
        Assert.Equal("table", Assert.Single(net.named_buffers()).name);
        Assert.Contains("layers.1.experts.0", net.named_modules().Select(m => m.name));
    }

    [Fact]
    public void Holds_the_live_tensors()
    {
        using var net = new Net();
        using (no_grad()) net.state_dict()["scale"].mul_(3);
        Assert.Equal(3f, net.scale[0].item<float>());
    }

    [Fact]
    public void Loads_by_name_and_says_what_does_not_fit()
    {
        using var scope = NewDisposeScope();
        var (from, to) = (new Net(), new Net());
        to.load_state_dict(from.state_dict());
        var x = randn(2, 4);
        Assert.True(to.call(x).allclose(from.call(x)));

        var state = new Dictionary<string, Tensor>(from.state_dict()) { ["other"] = ones(1) };
        state.Remove("scale");
        Assert.Contains("missing [scale], unexpected [other]", Assert.Throws<InvalidOperationException>(() => to.load_state_dict(state)).Message);
        Assert.Equal(["scale"], to.load_state_dict(state, strict: false).missing_keys);
        state["scale"] = ones(1);
        Assert.Contains("'scale'", Assert.Throws<ArgumentException>(() => to.load_state_dict(state, strict: false)).Message);
    }

    [Fact]
    public void Survives_saving_and_loading()
    {
        using var scope = NewDisposeScope();
        var (from, to) = (new Net(), new Net());
        var file = new MemoryStream();
        from.save(file);
        file.Position = 0;
        to.load(file);
        Assert.All(from.state_dict(), entry => Assert.True(to.state_dict()[entry.Key].Equals(entry.Value)));
    }

    [Fact]
    public void Changes_type_in_place_so_that_fields_and_flags_stay()
    {
        using var net = new Net();
        net.scale.requires_grad = false;
        var before = net.scale;
        Assert.Same(net, net.to(float64));
        Assert.Same(before, net.scale);
        Assert.Equal((ScalarType.Float64, false), (net.scale.dtype, net.scale.requires_grad));
        Assert.Equal(ScalarType.Int64, net.table.dtype);
        Assert.All(net.layers[0].parameters(), p => Assert.True(p.requires_grad && p.dtype == ScalarType.Float64));
    }

    [Fact]
    public void Training_mode_reaches_every_submodule_and_dropout_heeds_it()
    {
        using var scope = NewDisposeScope();
        var net = Sequential(("drop", Dropout(0.5)), ("same", Identity()));
        net.eval();
        Assert.True(net.call(ones(100)).Equals(ones(100)));
        net.train();
        var dropped = net.call(ones(1000)).eq(0).sum().ToInt32();
        Assert.InRange(dropped, 400, 600);
    }
}
