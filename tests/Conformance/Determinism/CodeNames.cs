using System.Reflection;
using System.Text.RegularExpressions;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>Names as they stand in the source: the compiler's own names for lambdas, local functions and state machines are read back.</summary>
internal static partial class CodeNames
{
    /// <summary>Made by the compiler: state machines, closures, caches of delegates. No name in C# can begin like that.</summary>
    public static bool IsCompilers(Type? type) => type is not null && (type.Name.StartsWith('<') || IsCompilers(type.DeclaringType));

    public static string Of(MemberInfo member) => member switch
    {
        Type type => OfType(type),
        ConstructorInfo { IsStatic: true } made => $"the static constructor of {OfType(made.DeclaringType!)}",
        ConstructorInfo made => $"new {OfType(made.DeclaringType!)}",
        MethodInfo method when IsCompilers(method.DeclaringType) || method.Name.StartsWith('<') => OfCompilers(method),
        MethodInfo { IsSpecialName: true } accessor => $"{OfType(accessor.DeclaringType!)}.{Accessor().Replace(accessor.Name, "")}",
        _ => $"{OfType(member.DeclaringType!)}.{FieldOf().Match(member.Name).Groups[1].Value}",
    };

    private static string OfCompilers(MethodInfo method)
    {
        var owner = method.DeclaringType!;
        var name = method.Name;
        for (; IsCompilers(owner); owner = owner.DeclaringType!)
            if (!name.StartsWith('<') || name.Length < 3)
                name = owner.Name; // a state machine's MoveNext is what its method does
        var place = $"{OfType(owner)}.{Source().Match(name).Groups[1].Value}";
        if (LocalFunction().Match(name) is { Success: true } local)
            return $"the local function {local.Groups[1].Value} of {place}";
        return name.Contains(">b__", StringComparison.Ordinal) ? $"a lambda in {place}" : place;
    }

    private static string OfType(Type type) => type.Name.Split('`')[0];

    [GeneratedRegex("^(get_|set_|add_|remove_)")]
    private static partial Regex Accessor();

    // `<Run>d__3`, `<Run>b__0_1`, and a lambda's own state machine `<<Run>b__0_1>d`.
    [GeneratedRegex("^<+([^<>]+)>")]
    private static partial Regex Source();

    // `<logger>P` of a primary constructor, `<At>k__BackingField` of a property, or a name that is no compiler's.
    [GeneratedRegex("^<?([^<>]+)")]
    private static partial Regex FieldOf();

    [GeneratedRegex(">g__([^|]+)\\|")]
    private static partial Regex LocalFunction();
}
