using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules in a list; their names are their places: "0", "1", …</summary>
    public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
    {
        private readonly List<T> _list = [];

        public ModuleList(params T[] modules) : base("ModuleList")
        {
            _list.AddRange(modules);
            RegisterComponents();
        }

        public T this[int index] { get => _list[index]; set => Change(() => _list[index] = value); }

        public int Count => _list.Count;
        public bool IsReadOnly => false;
        public void Add(T item) => Change(() => _list.Add(item));
        public void append(params T[] modules) => Change(() => _list.AddRange(modules));
        public void extend(IEnumerable<T> modules) => Change(() => _list.AddRange(modules));
        public void Insert(int index, T item) => Change(() => _list.Insert(index, item));
        public void RemoveAt(int index) => Change(() => _list.RemoveAt(index));
        public void Clear() => Change(_list.Clear);
        public bool Contains(T item) => _list.Contains(item);
        public int IndexOf(T item) => _list.IndexOf(item);
        public void CopyTo(T[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);
        public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public bool Remove(T item)
        {
            var removed = false;
            Change(() => removed = _list.Remove(item));
            return removed;
        }

        protected override void RegisterComponents()
        {
            ForgetModules();
            for (var i = 0; i < _list.Count; i++) register_module($"{i}", _list[i]);
        }

        private void Change(Action change)
        {
            change();
            RegisterComponents();
        }
    }

    /// <summary>Modules one after another; without names of their own they are called "0", "1", …</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<nn.IModule<Tensor, Tensor>> _steps = [];

        internal Sequential(IEnumerable<(string name, nn.Module<Tensor, Tensor> module)> modules) : base(nameof(Sequential))
        {
            foreach (var (name, module) in modules) append(name, module);
        }

        public int Count => _steps.Count;

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            register_module(name, module as nn.Module ?? throw new ArgumentException($"'{name}' is no module.", nameof(module)));
            _steps.Add(module);
            return this;
        }

        public Sequential append(nn.IModule<Tensor, Tensor> module) => append($"{_steps.Count}", module);

        /// <summary>What flows between two steps is freed when the last step has run, unless backward needs it.</summary>
        public override Tensor forward(Tensor tensor)
        {
            if (_steps.Count == 0) return tensor.alias();
            using var scope = NewDisposeScope();
            return _steps.Aggregate(tensor, (x, step) => step.call(x)).MoveToOuterDisposeScope();
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

            public static Modules.ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            public static Modules.Sequential Sequential() => new([]);
            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules.Select((module, i) => ($"{i}", module)));
            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);
            public static Modules.Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules) => new(modules.Select(module => (module.Item1, module.Item2)));
            public static Modules.Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules) => new(modules.Select(module => (module.Item1, module.Item2)));
            public static Modules.Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => new(modules.Select((module, i) => ($"{i}", module)));
            public static Modules.Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new(modules);
        }
    }
}
