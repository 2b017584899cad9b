using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public abstract partial class Module
        {
            /// <summary>Its parameters and, with <paramref name="recurse"/>, its submodules', by dotted name; each object once.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
                Everywhere(recurse, module => module._parameters.Select(p => (p.Key, p.Value))).DistinctBy(p => (object)p.Item2, ReferenceEqualityComparer.Instance);

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) =>
                Everywhere(recurse, module => module._buffers.Where(b => include_nonpersistent || b.Value.Persistent).Select(b => (b.Key, b.Value.Tensor)));

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual IEnumerable<(string name, Module module)> named_children() => _submodules.Select(m => (m.Key, m.Value));

            public IEnumerable<Module> children() => _submodules.Values;

            /// <summary>All submodules below it, by dotted name.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules() =>
                _submodules.SelectMany(child => child.Value.named_modules().Select(below => ($"{child.Key}.{below.name}", below.module)).Prepend((child.Key, child.Value)));

            /// <summary>All submodules below it.</summary>
            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(p => p.name == target).parameter;

            public Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(b => b.name == target).buffer;

            public bool has_parameter(string target) => get_parameter(target) is not null;

            public bool has_buffer(string target) => get_buffer(target) is not null;

            /// <summary>Calls it for every submodule, innermost first, then for this module.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var child in _submodules.Values) child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var child in _submodules.Values) child.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Drops all gradients, or sets them to zero.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                var all = parameters().ToArray();
                var ok = Native.tpo_zero_grads(Native.Addresses(all), all.Length, set_to_none ? 1 : 0);
                GC.KeepAlive(all);
                Native.Done(ok);
            }

            private IEnumerable<(string, T)> Everywhere<T>(bool recurse, Func<Module, IEnumerable<(string, T)>> held) =>
                recurse ? held(this).Concat(_submodules.SelectMany(child => child.Value.Everywhere(true, held).Select(h => ($"{child.Key}.{h.Item1}", h.Item2)))) : held(this);

            /// <summary>
            /// Moves parameters and buffers; those of a floating type take <paramref name="type"/>. The Parameter objects stay, over other
            /// native tensors: an optimiser is made after placing.
            /// </summary>
            internal void Place(Device? device, ScalarType? type)
            {
                using var scope = NewDisposeScope();
                using var without_grad = no_grad();
                foreach (var parameter in parameters())
                {
                    var (wanted, moved) = (parameter.requires_grad, Placed(parameter, device, type));
                    if (moved is null) continue;
                    var grad = parameter.grad is { } had ? Placed(had, device, type) ?? had : null;
                    parameter.Replace(moved);
                    parameter.requires_grad = wanted;
                    if (grad is not null) parameter.grad = grad;
                }
                foreach (var buffer in buffers()) if (Placed(buffer, device, type) is { } moved) buffer.Replace(moved);
            }

            private static Tensor? Placed(Tensor tensor, Device? device, ScalarType? type)
            {
                var to = type is { } given && is_floating_point(tensor) ? given : tensor.dtype;
                var at = device ?? tensor.device;
                return to == tensor.dtype && at.type == tensor.device_type && at.index == tensor.device_index ? null : tensor.detach().to(to, at);
            }
        }
    }
}
