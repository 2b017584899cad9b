using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Adam with decoupled weight decay; one native call a step over all parameters of a group.</summary>
    public sealed partial class AdamW : OptimizerHelper, optim.IBetas
    {
        private readonly Options _defaults;

        public AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize) { }

        public AdamW(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        {
            _defaults = new Options
            {
                LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
            };
            foreach (var group in parameters) add_param_group(group);
        }

        /// <summary>The first group's.</summary>
        public (double, double) Betas
        {
            get => ((ParamGroup)Groups[0]).Betas;
            set { foreach (var group in Groups.Cast<ParamGroup>()) group.Betas = value; }
        }

        /// <summary>Settings the group leaves open become this optimiser's.</summary>
        public override void add_param_group(TorchSharp.Modules.ParamGroup param_group)
        {
            var group = param_group as ParamGroup ?? throw new ArgumentException("AdamW takes groups of type AdamW.ParamGroup.", nameof(param_group));
            var given = (Options?)((TorchSharp.Modules.ParamGroup)group).Options ?? new Options();
            given.Complete(_defaults);
            group.Options = given;
            group.Parameters = group.Parameters.ToList();
            Groups.Add(group);
            foreach (var parameter in group.Parameters)
            {
                if (States.ContainsKey(parameter)) throw new ArgumentException($"A parameter {parameter} is given to the optimiser twice.");
                var state = new State(parameter);
                state.Initialize(given);
                States.Add(parameter, state);
            }
        }

        public override Tensor? step(Func<Tensor>? closure = null)
        {
            Tensor? loss = null;
            if (closure is not null)
            {
                using var with_grad = enable_grad();
                loss = closure();
            }
            foreach (var group in Groups.Cast<ParamGroup>()) Step(group);
            return loss;
        }

        private void Step(ParamGroup group)
        {
            var options = group.Options;
            var states = group.Parameters.Select(parameter => (State)States[parameter]).ToArray();
            var steps = Array.ConvertAll(states, state => state.step);
            var ok = Native.tpo_adamw(
                Addresses(s => s.Of), Addresses(s => s.exp_avg), Addresses(s => s.exp_avg_sq), options.amsgrad == true ? Addresses(s => s.max_exp_avg_sq!) : [], steps, states.Length,
                new AdamWStep(group.LearningRate, options.beta1!.Value, options.beta2!.Value, options.eps!.Value, options.weight_decay!.Value,
                    options.amsgrad == true ? 1 : 0, options.maximize == true ? 1 : 0));
            GC.KeepAlive(states);
            Native.Done(ok);
            for (var i = 0; i < states.Length; i++) states[i].step = steps[i];

            nint[] Addresses(Converter<State, Tensor> tensor) => Array.ConvertAll(states, state => tensor(state).Handle);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static Modules.AdamW AdamW(IEnumerable<Modules.Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Modules.AdamW AdamW(IEnumerable<(string name, Modules.Parameter parameter)> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Modules.AdamW AdamW(IEnumerable<Modules.AdamW.ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
