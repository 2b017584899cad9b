using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Something with parameters, buffers and submodules, each under a name.</summary>
        public abstract partial class Module : IDisposable
        {
            private readonly OrderedDictionary<string, Parameter> _parameters = [];
            private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> _buffers = [];
            private readonly OrderedDictionary<string, Module> _submodules = [];
            private readonly string _name;
            private bool _registered;

            protected Module(string name) => _name = name;

            /// <summary>Whether it is in training mode, where dropout drops.</summary>
            public bool training { get; private set; } = true;

            public virtual string GetName() => _name;

            /// <summary>
            /// Registers every instance field that holds something now: a module as submodule, a parameter as parameter, any other tensor as
            /// buffer, under the field's name. It works once: what a field is given later stays out.
            /// </summary>
            protected virtual void RegisterComponents()
            {
                if (_registered) return;
                _registered = true;
                foreach (var field in FieldsOf(GetType()))
                {
                    var name = field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
                    switch (field.GetValue(this))
                    {
                        case Module module: register_module(name, module); break;
                        case Parameter parameter: register_parameter(name, parameter); break;
                        case Tensor tensor: register_buffer(name, tensor); break;
                    }
                }
            }

            public virtual void register_module(string name, Module submodule)
            {
                MustBeFree(name, submodule);
                _submodules[name] = submodule;
            }

            public void add_module(string name, Module submodule) => register_module(name, submodule);

            public virtual void register_parameter(string name, Parameter param)
            {
                MustBeFree(name, param);
                _parameters[name] = param;
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                MustBeFree(name, tensor);
                _buffers[name] = (tensor, persistent);
            }

            /// <summary>Every tensor and submodule it holds is disposed with it.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var parameter in _parameters.Values) parameter.Dispose();
                foreach (var buffer in _buffers.Values) buffer.Tensor.Dispose();
                foreach (var module in _submodules.Values) module.Dispose();
            }

            /// <summary>Puts another parameter under a name of this module, or none.</summary>
            private protected void Put(string name, Parameter? parameter)
            {
                if (parameter is null) _parameters.Remove(name);
                else _parameters[name] = parameter;
            }

            private protected Parameter? Held(string name) => _parameters.GetValueOrDefault(name);

            private protected void ForgetModules() => _submodules.Clear();

            private void MustBeFree(string name, object component)
            {
                ArgumentNullException.ThrowIfNull(component, name);
                if (name.Length == 0 || name.Contains('.')) throw new ArgumentException($"'{name}' cannot name a component of {_name}: it must not be empty or have a dot.");
                object? taken = _parameters.GetValueOrDefault(name) ?? (object?)_submodules.GetValueOrDefault(name) ?? (_buffers.TryGetValue(name, out var buffer) ? buffer.Tensor : null);
                if (taken is not null && !ReferenceEquals(taken, component)) throw new ArgumentException($"{_name} already has a component named '{name}'.");
            }

            // Base classes first, so that what they hold keeps its place whatever derives from them.
            private static IEnumerable<FieldInfo> FieldsOf(Type type)
            {
                var chain = new Stack<Type>();
                for (var one = type; one is not null && one != typeof(Module); one = one.BaseType) chain.Push(one);
                return chain.SelectMany(one => one.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
            }
        }
    }
}
