using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>One thing an orchestrator must not do: where it is done, and what to do instead.</summary>
/// <param name="Use">the member that is used, or the parameter that is declared</param>
internal sealed record Violation(string Orchestrator, Rule Rule, string Use, string Path)
{
    public override string ToString() =>
        $"{Rule.Id}: orchestrator '{Orchestrator}' uses {Use}, but {Rule.Why}. Instead: {Rule.Instead}. Where: {Path} → {Use}";
}

/// <summary>
/// Checks the orchestrators of an app against the determinism rules, in their compiled code and in all of the app's that they come to.
/// Not among the rules: endless loops without ContinueAsNew (DURABLE0011), which compiled code does not show reliably.
/// </summary>
internal sealed class OrchestratorCheck(params Assembly[] app)
{
    private readonly AppTypes types = new(app);

    public IReadOnlyList<MethodInfo> Orchestrators => [.. types.MethodsTriggeredBy<OrchestrationTriggerAttribute>()];

    public IReadOnlyList<Violation> Violations => [.. Orchestrators.SelectMany(Of)];

    public IReadOnlyList<Violation> Of(MethodInfo orchestrator)
    {
        var name = orchestrator.GetCustomAttribute<FunctionAttribute>()?.Name ?? orchestrator.Name;
        var signature = orchestrator.GetParameters().SelectMany(InSignature)
            .Select(found => new Violation(name, found.Rule, found.Use, CodeNames.Of(orchestrator)));
        var code = new CallWalk(types).From(orchestrator)
            .SelectMany(reached => UsesIn.Method(reached.Method).Select(found => new Violation(name, found.Rule, found.Use, reached.Path)));
        return [.. signature, .. code.DistinctBy(violation => (violation.Use, violation.Path))];
    }

    private static IEnumerable<(Rule Rule, string Use)> InSignature(ParameterInfo parameter)
    {
        if (parameter.ParameterType == typeof(CancellationToken))
            yield return (Rule.Cancellation, $"the parameter '{parameter.Name}' of type CancellationToken");
        if (parameter.GetCustomAttributes<BindingAttribute>().FirstOrDefault(binding => binding is not OrchestrationTriggerAttribute) is { } other)
            yield return (Rule.OtherBinding, $"the parameter '{parameter.Name}' with [{other.GetType().Name.Replace("Attribute", "")}]");
        if (parameter.ParameterType.IsAssignableTo(typeof(ILogger)))
            yield return (Rule.Logging, $"the parameter '{parameter.Name}' of type ILogger");
    }
}
