using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public abstract partial class Module
        {
            /// <summary>Parameters and persistent buffers by dotted name: the live tensors themselves, not copies. Do not dispose them.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var at = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in _parameters) destination[at + name] = parameter;
                foreach (var (name, buffer) in _buffers) if (buffer.Persistent) destination[at + name] = buffer.Tensor;
                foreach (var (name, child) in _submodules) child.state_dict(destination, at + name);
                return destination;
            }

            /// <summary>Copies the values in. Strict: every name must be there on both sides. Returns the names missing in and unknown from the source.</summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var own = state_dict();
                bool Wanted(string name) => skip is null || !skip.Contains(name);
                var missing = own.Keys.Where(name => Wanted(name) && !source.ContainsKey(name)).ToList();
                var unexpected = source.Keys.Where(name => Wanted(name) && !own.ContainsKey(name)).ToList();
                if (strict && missing.Count + unexpected.Count > 0)
                    throw new InvalidOperationException($"The state does not fit {GetName()}: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}].");
                using var _ = no_grad();
                foreach (var (name, tensor) in source)
                {
                    if (!Wanted(name) || !own.TryGetValue(name, out var target)) continue;
                    if (!target.shape.AsSpan().SequenceEqual(tensor.shape)) throw new ArgumentException($"'{name}' is {target} in {GetName()}, the state holds {tensor}.");
                    target.copy_(tensor);
                }
                return (missing, unexpected);
            }

            /// <summary>Writes the state: the number of entries, then for each its name, element type, shape and raw bytes.</summary>
            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                var entries = state_dict().Where(entry => skip is null || !skip.Contains(entry.Key)).ToList();
                writer.Write7BitEncodedInt(entries.Count);
                foreach (var (name, tensor) in entries)
                {
                    writer.Write(name);
                    tensor.Save(writer);
                }
                return this;
            }

            /// <summary>Reads what <see cref="save(string, IList{string})"/> wrote.</summary>
            public Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
                return load(reader, strict, skip, loadedParameters);
            }

            public Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var scope = NewDisposeScope();
                var source = new Dictionary<string, Tensor>();
                for (var left = reader.Read7BitEncodedInt(); left > 0; left--) source.Add(reader.ReadString(), TensorExtensionMethods.Read(reader));
                var (missing, _) = load_state_dict(source, strict, skip);
                if (loadedParameters is not null) foreach (var name in state_dict().Keys) loadedParameters[name] = !missing.Contains(name) && source.ContainsKey(name);
                return this;
            }
        }
    }
}
