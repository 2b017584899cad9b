using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The metadata of a function, read off its method.</summary>
internal sealed class LocalFunctionDefinition(string name, MethodInfo method) : FunctionDefinition
{
    public override string Name => name;

    public override string Id => name;

    public override string EntryPoint { get; } = $"{method.DeclaringType!.FullName}.{method.Name}";

    public override string PathToAssembly { get; } = method.DeclaringType!.Assembly.Location;

    public override ImmutableArray<FunctionParameter> Parameters { get; } =
        [.. method.GetParameters().Select(p => new FunctionParameter(
            p.Name!, p.ParameterType, p.HasDefaultValue, p.HasDefaultValue ? p.DefaultValue : null, ImmutableDictionary<string, object>.Empty))];

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } = method.GetParameters()
        .Where(p => p.IsDefined(typeof(BindingAttribute)))
        .ToImmutableDictionary(p => p.Name!, p => (BindingMetadata)new Metadata(
            p.Name!, LocalFunction.TypeOf(p.GetCustomAttribute<BindingAttribute>()!), BindingDirection.In));

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } =
        method.GetParameters().Any(p => p.IsDefined(typeof(HttpTriggerAttribute)))
            ? ImmutableDictionary<string, BindingMetadata>.Empty.Add("$return", new Metadata("$return", "http", BindingDirection.Out))
            : ImmutableDictionary<string, BindingMetadata>.Empty;

    private sealed class Metadata(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => direction;
    }
}
