using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>The uses of forbidden things in one method's own code.</summary>
internal static class UsesIn
{
    public static IEnumerable<(Rule Rule, string Use)> Method(MethodBase method)
    {
        if (IsPlumbing(method))
            yield break;
        Instruction? before = null;
        foreach (var instruction in Instruction.Of(method))
        {
            var rule = instruction.Member switch
            {
                FieldInfo field => OfField(field, instruction.Code, method),
                MethodBase called => ForbiddenMembers.Broken(called) ?? OfCall(called, before),
                _ => null,
            };
            if (rule is not null)
                yield return (rule, CodeNames.Of(instruction.Member!));
            before = instruction;
        }
    }

    // The compiler's own code around the user's: only a state machine's MoveNext and methods named `<...>` hold lines of the source.
    private static bool IsPlumbing(MethodBase method) =>
        (CodeNames.IsCompilers(method.DeclaringType) && method.Name != "MoveNext" && !method.Name.StartsWith('<'))
        || (method.IsDefined(typeof(CompilerGeneratedAttribute)) && (method.Name.StartsWith("add_") || method.Name.StartsWith("remove_")));

    private static Rule? OfField(FieldInfo field, OpCode code, MethodBase method)
    {
        if (CodeNames.IsCompilers(field.DeclaringType))
            return null; // caches of delegates, closures, state machines
        if (field.FieldType.IsAssignableTo(typeof(ILogger)))
            return code == OpCodes.Ldfld || code == OpCodes.Ldsfld ? Rule.Logging : null; // to keep one is not to use it
        var initializes = method is ConstructorInfo { IsStatic: true } && method.DeclaringType == field.DeclaringType;
        return field is { IsStatic: true, IsInitOnly: false, IsLiteral: false } && !initializes ? Rule.SharedState : null;
    }

    private static Rule? OfCall(MethodBase called, Instruction? before) => called switch
    {
        MethodInfo { Name: "ConfigureAwait" } when !ContinuesOnContext(called, before) => Rule.Threads,
        ConstructorInfo { DeclaringType.FullName: "System.Threading.CancellationTokenSource" } timed when timed.GetParameters().Length > 0 => Rule.Delay,
        MethodInfo asked when asked.ReturnType.IsAssignableTo(typeof(ILogger)) && IsFromOutside(asked) => Rule.Logging,
        _ => null,
    };

    // ConfigureAwait(true), or options with ContinueOnCapturedContext (1), given as a constant.
    private static bool ContinuesOnContext(MethodBase called, Instruction? before) =>
        called.DeclaringType!.Namespace?.StartsWith("System") != true || (before?.Number is { } number && (number & 1) == 1);

    private static bool IsFromOutside(MethodInfo asked) =>
        asked.Name != nameof(TaskOrchestrationContext.CreateReplaySafeLogger)
        && (asked.DeclaringType!.Namespace?.StartsWith("Microsoft.") == true || asked.DeclaringType.Namespace?.StartsWith("System") == true);
}
