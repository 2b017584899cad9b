using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Torch;

public sealed class OptimizerAdamW
{
    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.1, false)]
    [InlineData(0.1, true)]
    public void Steps_as_the_formula_says(double decay, bool amsgrad)
    {
        const double lr = 0.05, b1 = 0.8, b2 = 0.95, eps = 1e-6;
        double[] expected = [0.5, -1.5, 2.0];
        var parameter = new Parameter(tensor(expected));
        using var optimiser = optim.AdamW([parameter], lr, b1, b2, eps, decay, amsgrad);
        var (m, v, top) = (new double[3], new double[3], new double[3]);

        for (var t = 1; t <= 3; t++)
        {
            var g = expected.Select((p, i) => Math.Sin(p + i) / t).ToArray();
            parameter.grad = tensor(g);
            optimiser.step();
            for (var i = 0; i < 3; i++)
            {
                expected[i] -= lr * decay * expected[i];
                m[i] = b1 * m[i] + (1 - b1) * g[i];
                v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                top[i] = Math.Max(top[i], v[i]);
                expected[i] -= lr * (m[i] / (1 - Math.Pow(b1, t))) / (Math.Sqrt((amsgrad ? top[i] : v[i]) / (1 - Math.Pow(b2, t))) + eps);
            }
            Assert.All(parameter.data<double>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 12));
        }
    }

    [Fact]
    public void Decays_nothing_unless_it_is_told_to()
    {
        var parameter = new Parameter(tensor(new[] { 2f }));
        using var optimiser = optim.AdamW([parameter], lr: 0.1);
        parameter.grad = tensor(new[] { 0f });
        optimiser.step();
        Assert.Equal(2f, parameter.item<float>());
    }

    [Fact]
    public void Takes_another_learning_rate_between_steps_and_skips_what_has_no_gradient()
    {
        var (moved, still) = (new Parameter(tensor(new[] { 1.0 })), new Parameter(tensor(new[] { 1.0 })));
        using var optimiser = optim.AdamW([new AdamW.ParamGroup([moved, still], new AdamW.Options { weight_decay = 0 })], lr: 0.5);
        foreach (var group in optimiser.ParamGroups) group.LearningRate = 0.25;
        moved.grad = tensor(new[] { 4.0 });
        optimiser.step();
        Assert.Equal(0.75, moved.item<double>(), 6);
        Assert.Equal(1.0, still.item<double>());
    }

    [Fact]
    public void Resumed_from_a_saved_state_goes_on_exactly_as_if_never_stopped()
    {
        static void Step(Parameter p, AdamW o, int t)
        {
            p.grad = tensor(new[] { 0.3f * t, -1.7f / t });
            o.step();
        }
        var whole = new Parameter(tensor(new[] { 1f, 2f }));
        using var unbroken = optim.AdamW([whole], lr: 0.01, weight_decay: 0.1);
        Step(whole, unbroken, 1);
        Step(whole, unbroken, 2);
        using var stored = new MemoryStream();
        unbroken.save_state_dict(new BinaryWriter(stored));
        var resumed = new Parameter(whole.detach().clone());
        using var other = optim.AdamW([resumed], lr: 9, weight_decay: 9);
        stored.Position = 0;
        other.load_state_dict(new BinaryReader(stored));
        for (var t = 3; t <= 6; t++)
        {
            Step(whole, unbroken, t);
            Step(resumed, other, t);
        }
        Assert.Equal(whole.data<float>().ToArray(), resumed.data<float>().ToArray());
    }

    [Fact]
    public void Many_and_large_tensors_step_alike_whatever_parcel_they_fall_into()
    {
        using var scope = NewDisposeScope();
        // 40 MB each: the second fills a parcel, the third begins another; the small one alone is the measure.
        Parameter[] large = [.. Enumerable.Range(0, 3).Select(_ => new Parameter(ones(10_000_000)))];
        var small = new Parameter(ones(1));
        using var optimiser = optim.AdamW([.. large, small], lr: 0.1, weight_decay: 0.3);
        for (var step = 0; step < 2; step++)
        {
            foreach (Parameter one in large) one.grad = full_like(one, 0.5 - step);
            small.grad = full_like(small, 0.5 - step);
            optimiser.step();
        }
        float expected = small.item<float>();
        Assert.NotEqual(1f, expected);
        Assert.All(large, one => Assert.Equal((expected, expected), (one.min().item<float>(), one.max().item<float>())));
    }

    [Fact]
    public void A_step_without_a_gradient_does_not_count()
    {
        static Parameter After(params double?[] gradients)
        {
            var parameter = new Parameter(tensor(new[] { 1.0 }));
            using var optimiser = optim.AdamW([parameter], lr: 0.1);
            foreach (double? gradient in gradients)
            {
                parameter.grad = gradient is { } given ? tensor(new[] { given }) : null;
                optimiser.step();
            }
            return parameter;
        }
        Assert.Equal(After(1, 2).item<double>(), After(null, 1, null, null, 2).item<double>());
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-12)]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, 1e-6)]
    public void A_norm_is_as_exact_as_its_gradients_and_no_less_than_single_precision(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        // 1000 ones and one third: in bfloat16 a sum of squares would stop at 256.
        var parameter = new Parameter(zeros(1001, dtype: type));
        Tensor gradient = ones(1001, dtype: type);
        gradient[0] = tensor(1.0 / 3).to_type(type);
        parameter.grad = gradient;
        double third = gradient[0].to_type(ScalarType.Float64).item<double>();
        Assert.Equal(Math.Sqrt(1000 + third * third), nn.utils.clip_grad_norm_([parameter], 1e9), Math.Sqrt(1000) * tolerance);
    }

    [Fact]
    public void Clipping_scales_all_gradients_to_the_norm_and_returns_the_norm_before()
    {
        var (a, b) = (new Parameter(tensor(new[] { 0f, 0f })), new Parameter(tensor(new[] { 0f })));
        (a.grad, b.grad) = (tensor(new[] { 3f, 0f }), tensor(new[] { 4f }));
        Assert.Equal(5.0, nn.utils.clip_grad_norm_([a, b], 1.0), 6);
        Assert.Equal(0.6f, a.grad![0].item<float>(), 5);
        Assert.Equal(0.8f, b.grad!.item<float>(), 5);
        Assert.Equal(1.0, nn.utils.clip_grad_norm_([a, b], 7.0), 5);
        Assert.Equal(0.8f, b.grad!.item<float>(), 5);
    }
}
