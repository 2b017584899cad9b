using System.Reflection;

namespace Tpo.Tests.Conformance;

/// <summary>
/// An assembly's public and protected members, one line each: documentation ids with the return type, as the lists of the official packages have them
/// (`M:Name.Space.Type.Method(System.String) : System.Void`, `P:… : Type {set}`, `F:…`, `T:…`).
/// </summary>
public static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<string> Of(Assembly assembly) =>
        [.. assembly.GetExportedTypes().SelectMany(type => Members(type).Prepend(LineOf(type))).Order(StringComparer.Ordinal)];

    /// <summary>The lines of an official list; those of properties also without their setter, since reading alone is a subset.</summary>
    public static IReadOnlySet<string> Official(string listFile) => File.ReadLines(listFile)
        .Where(line => line.Length > 1 && line[1] == ':')
        .SelectMany(line => line.EndsWith(" {set}", StringComparison.Ordinal) ? new[] { line, line[..^" {set}".Length] } : [line])
        .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            yield break;
        foreach (var field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily))
            yield return LineOf(field);
        if (type.IsEnum)
            yield break;
        foreach (var constructor in type.GetConstructors(Declared).Where(Seen))
            yield return LineOf(constructor);
        foreach (var method in type.GetMethods(Declared).Where(m => Seen(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))))
            if (method.GetBaseDefinition().DeclaringType == type)
                yield return LineOf(method);
        foreach (var property in type.GetProperties(Declared).Where(p => Seen(p.GetMethod) || Seen(p.SetMethod)))
            yield return LineOf(property, property.SetMethod?.IsPublic == true);
        foreach (var happening in type.GetEvents(Declared).Where(e => Seen(e.AddMethod)))
            yield return $"E:{TypeName(type, [])}.{happening.Name} : {Name(happening.EventHandlerType!)}";
    }

    public static string LineOf(Type type) => $"T:{TypeName(type, [])}";

    /// <summary>A field's, constructor's or method's line.</summary>
    public static string LineOf(MemberInfo member) => member switch
    {
        FieldInfo field => $"F:{Owner(field)}.{field.Name} : {Name(field.FieldType)}",
        ConstructorInfo constructor => $"M:{Owner(constructor)}.#ctor{Parameters(constructor)}",
        MethodInfo method => $"M:{Owner(method)}.{method.Name}{Arity(method)}{Parameters(method)} : {Name(method.ReturnType)}",
        _ => throw new ArgumentException($"{member} is no field, constructor or method."),
    };

    public static string LineOf(PropertyInfo property, bool settable) =>
        $"P:{Owner(property)}.{property.Name}{Index(property)} : {Name(property.PropertyType)}{(settable ? " {set}" : "")}";

    private static string Owner(MemberInfo member) => TypeName(member.DeclaringType!, []);

    /// <summary>What code outside the assembly can see: public, and protected for those that derive.</summary>
    private static bool Seen(MethodBase? member) => member is not null && (member.IsPublic || member.IsFamily || member.IsFamilyOrAssembly);

    private static string Arity(MethodInfo method) => method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";

    private static string Index(PropertyInfo property) =>
        property.GetIndexParameters() is { Length: > 0 } index ? $"({string.Join(',', index.Select(p => Name(p.ParameterType)))})" : "";

    private static string Parameters(MethodBase method) =>
        method.GetParameters() is { Length: > 0 } parameters ? $"({string.Join(',', parameters.Select(p => Name(p.ParameterType)))})" : "";

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!) + "@";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsGenericParameter)
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        return TypeName(type, type.IsGenericType ? type.GetGenericArguments() : []);
    }

    /// <summary>`Outer.Inner{Argument}`; a definition keeps its arity: `Outer`1`.</summary>
    private static string TypeName(Type type, Type[] arguments)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var parts = definition.FullName!.Split('+');
        if (arguments.Length == 0)
            return string.Join('.', parts);
        var taken = 0;
        return string.Join('.', parts.Select(part =>
        {
            var tick = part.IndexOf('`');
            if (tick < 0)
                return part;
            var count = int.Parse(part[(tick + 1)..]);
            var own = string.Join(',', arguments.Skip(taken).Take(count).Select(Name));
            taken += count;
            return $"{part[..tick]}{{{own}}}";
        }));
    }
}
