using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>All functions of the app, found by reflection and checked before anything runs: what cannot work stops the start, by name.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<string, LocalFunction> byName = new(StringComparer.OrdinalIgnoreCase);

    private FunctionTable()
    {
    }

    public IEnumerable<LocalFunction> All => byName.Values;

    /// <summary>Nothing starts these but an administrator's HTTP request.</summary>
    public IReadOnlyList<LocalFunction> Disabled { get; private init; } = [];

    public LocalFunction? Find(string name) => byName.GetValueOrDefault(name);

    public IEnumerable<(LocalFunction Function, T Trigger)> With<T>() where T : TriggerBindingAttribute =>
        byName.Values.Where(f => f.Trigger is T).Select(f => (f, (T)f.Trigger));

    /// <param name="services">Asked whether the services in the functions' constructors are registered.</param>
    public static FunctionTable Discover(IEnumerable<Type> types, IConfiguration settings, IServiceProviderIsService services)
    {
        var disabled = new List<LocalFunction>();
        var table = new FunctionTable { Disabled = disabled };
        var methods = types
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(m => m.IsDefined(typeof(FunctionAttribute)))
            .OrderBy(m => m.GetCustomAttribute<FunctionAttribute>()!.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(m => m.GetCustomAttribute<FunctionAttribute>()!.Name, StringComparer.Ordinal);
        foreach (var method in methods)
        {
            var function = Describe(method, settings, services);
            if (!table.byName.TryAdd(function.Name, function))
                throw new StartupException(
                    $"Two functions are named '{function.Name}': {Full(table.byName[function.Name].Method)} and {Full(method)}. Rename one of them.");
            if (IsDisabled(function.Name, settings))
            {
                table.byName.Remove(function.Name);
                disabled.Add(function);
            }
        }
        return table;
    }

    private static LocalFunction Describe(MethodInfo method, IConfiguration settings, IServiceProviderIsService services)
    {
        var name = method.GetCustomAttribute<FunctionAttribute>()!.Name;
        if (name.Length is 0 or > 127 || !char.IsAsciiLetter(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw new StartupException(
                $"The function name '{name}' of {Full(method)} must be a letter, then letters, digits, '_' or '-', at most 127 together.");
        if (method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)))
            throw new StartupException($"Function '{name}': {Full(method)} is async void; return Task, so that the host can wait for it.");
        if (method.ContainsGenericParameters)
            throw new StartupException($"Function '{name}': {Full(method)} is generic, which a function cannot be.");

        var triggers = method.GetParameters().Where(p => p.IsDefined(typeof(TriggerBindingAttribute))).ToArray();
        if (triggers.Length != 1)
            throw new StartupException($"Function '{name}' has {(triggers.Length == 0 ? "no trigger parameter" : "two triggers: "
                + string.Join(" and ", triggers.Select(p => $"'{p.Name}'")))}; a function has exactly one.");
        CheckConstructor(name, method, services);

        var trigger = triggers[0].GetCustomAttribute<TriggerBindingAttribute>()!;
        RetryDelays.Check(name, method.GetCustomAttribute<RetryAttribute>(), onTimer: trigger is TimerTriggerAttribute);
        var bare = new LocalFunction(name, method, trigger, triggers[0])
        {
            Binders = [],
            Definition = new LocalFunctionDefinition(name, method),
            Names = TriggerNames.Of(name, trigger, settings),
        };
        return bare with { Binders = [.. method.GetParameters().Select(p => ParameterBinding.For(bare, p))] };
    }

    private static void CheckConstructor(string name, MethodInfo method, IServiceProviderIsService services)
    {
        if (method.IsStatic)
            return;
        var type = method.DeclaringType!;
        if (type.IsAbstract)
            throw new StartupException($"Function '{name}': the class {type} is abstract, so no instance of it can be made.");
        if (type.GetConstructors() is not [var constructor])
            return;
        foreach (var parameter in constructor.GetParameters().Where(p => !p.HasDefaultValue && !services.IsService(p.ParameterType)))
            throw new StartupException(
                $"Function '{name}': the constructor of {type} needs a {parameter.ParameterType}, which is not registered as a service.");
    }

    /// <summary>Setting `AzureWebJobs.{Name}.Disabled`; as an environment variable also `AzureWebJobs__{Name}__Disabled`.</summary>
    private static bool IsDisabled(string name, IConfiguration settings) =>
        (settings[$"AzureWebJobs.{name}.Disabled"] ?? settings[$"AzureWebJobs:{name}:Disabled"])?.ToLowerInvariant() is "true" or "1";

    private static string Full(MethodInfo method) => $"{method.DeclaringType}.{method.Name}";
}
