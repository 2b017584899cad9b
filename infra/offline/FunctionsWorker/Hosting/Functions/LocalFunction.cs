using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>One function of the app: its method, its trigger and how its parameters are filled.</summary>
internal sealed record LocalFunction(string Name, MethodInfo Method, TriggerBindingAttribute Trigger, ParameterInfo TriggerParameter)
{
    public required IReadOnlyList<ParameterBinder> Binders { get; init; }

    public required FunctionDefinition Definition { get; init; }

    /// <summary>The names that the trigger can bring (route values, blob pattern names), known before any call.</summary>
    public required IReadOnlySet<string> Names { get; init; }

    public RetryAttribute? Retry => Method.GetCustomAttribute<RetryAttribute>();

    /// <summary>The host's name of the function, in webhook addresses, queue messages and timer records.</summary>
    public string HostName => $"Host.Functions.{Name}";

    public string TriggerType => TypeOf(Trigger);

    /// <summary>`HttpTriggerAttribute` is `httpTrigger` in function metadata.</summary>
    public static string TypeOf(BindingAttribute binding)
    {
        var name = binding.GetType().Name.Replace("Attribute", "");
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}

/// <summary>Fills one parameter from one call.</summary>
internal delegate ValueTask<object?> ParameterBinder(LocalFunctionContext call);
