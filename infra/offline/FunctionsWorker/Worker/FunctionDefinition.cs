using System.Collections.Immutable;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>What is known of a function before it runs.</summary>
public abstract class FunctionDefinition
{
    public abstract ImmutableArray<FunctionParameter> Parameters { get; }

    public abstract string PathToAssembly { get; }

    /// <summary>`Namespace.Type.Method`.</summary>
    public abstract string EntryPoint { get; }

    public abstract string Id { get; }

    public abstract string Name { get; }

    public abstract IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    public abstract IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }
}

public class FunctionParameter(
    string name, Type type, bool hasDefaultValue, object? defaultValue, IReadOnlyDictionary<string, object> properties)
{
    public string Name { get; } = name;

    public Type Type { get; } = type;

    public bool HasDefaultValue { get; } = hasDefaultValue;

    public object? DefaultValue { get; } = defaultValue;

    public IReadOnlyDictionary<string, object> Properties { get; } = properties;
}

public abstract class BindingMetadata
{
    public abstract string Name { get; }

    /// <summary>`httpTrigger`, `blobTrigger`, `queueTrigger`, `timerTrigger`, `orchestrationTrigger`, `activityTrigger`, `durableClient`.</summary>
    public abstract string Type { get; }

    public abstract BindingDirection Direction { get; }
}

public enum BindingDirection
{
    In,
    Out,
}
