using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed partial class AdamW
{
    /// <summary>Settings; what a group leaves null is the optimiser's.</summary>
    public class Options : OptimizerOptions
    {
        public double? beta1;
        public double? beta2;
        public double? weight_decay;
        public double? eps;
        public bool? amsgrad;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            foreach (var number in new[] { beta1, beta2, weight_decay, eps }) writer.Write(number!.Value);
            writer.Write(amsgrad!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (beta1, beta2, weight_decay, eps) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            (amsgrad, maximize) = (reader.ReadBoolean(), reader.ReadBoolean());
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            (beta1, beta2, weight_decay, eps, amsgrad, maximize) = (other.beta1, other.beta2, other.weight_decay, other.eps, other.amsgrad, other.maximize);
        }

        internal void Complete(Options by)
        {
            LearningRate ??= by.LearningRate;
            if (InitialLearningRate == 0) InitialLearningRate = LearningRate!.Value;
            (beta1, beta2, weight_decay) = (beta1 ?? by.beta1, beta2 ?? by.beta2, weight_decay ?? by.weight_decay);
            (eps, amsgrad, maximize) = (eps ?? by.eps, amsgrad ?? by.amsgrad, maximize ?? by.maximize);
        }
    }

    /// <summary>Parameters with settings of their own.</summary>
    public class ParamGroup : ParamGroup<Options>, optim.IBetas
    {
        public ParamGroup() { }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, new Options
            {
                LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
            }) { }

        public (double, double) Betas { get => (Options.beta1!.Value, Options.beta2!.Value); set => (Options.beta1, Options.beta2) = (value.Item1, value.Item2); }
    }

    /// <summary>Steps taken and running means of the gradient and of its square, of the parameter's shape, type and device.</summary>
    public class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor exp_avg;
        public Tensor exp_avg_sq;
        public Tensor? max_exp_avg_sq;

        // The means outlive any step: they belong to no scope.
        public State(Parameter parameter) : base(parameter)
        {
            exp_avg = zeros_like(parameter).DetachFromDisposeScope();
            exp_avg_sq = zeros_like(parameter).DetachFromDisposeScope();
        }

        internal Parameter Of => Parameter;

        public override void Initialize(OptimizerOptions options)
        {
            if (((Options)options).amsgrad == true) max_exp_avg_sq ??= zeros_like(Parameter).DetachFromDisposeScope();
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            exp_avg.Save(writer);
            exp_avg_sq.Save(writer);
            writer.Write(max_exp_avg_sq is not null);
            max_exp_avg_sq?.Save(writer);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            exp_avg.Load(reader);
            exp_avg_sq.Load(reader);
            if (!reader.ReadBoolean()) return;
            max_exp_avg_sq ??= zeros_like(Parameter).DetachFromDisposeScope();
            max_exp_avg_sq.Load(reader);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            using var _ = no_grad();
            step = other.step;
            exp_avg.copy_(other.exp_avg);
            exp_avg_sq.copy_(other.exp_avg_sq);
            if (other.max_exp_avg_sq is { } largest) (max_exp_avg_sq ??= zeros_like(Parameter).DetachFromDisposeScope()).copy_(largest);
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State same && step == same.step && exp_avg.allclose(same.exp_avg) && exp_avg_sq.allclose(same.exp_avg_sq);

        public override void to(Device device)
        {
            exp_avg = Moved(exp_avg, device);
            exp_avg_sq = Moved(exp_avg_sq, device);
            if (max_exp_avg_sq is { } largest) max_exp_avg_sq = Moved(largest, device);
        }

        public void Dispose()
        {
            exp_avg.Dispose();
            exp_avg_sq.Dispose();
            max_exp_avg_sq?.Dispose();
        }

        private static Tensor Moved(Tensor tensor, Device device)
        {
            var moved = tensor.to(device, copy: true).DetachFromDisposeScope();
            tensor.Dispose();
            return moved;
        }
    }
}
