using System.Reflection;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>The types of the assemblies that are the app's own: calls are followed into these and nowhere else.</summary>
internal sealed class AppTypes(params Assembly[] assemblies)
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private readonly Type[] types = [.. assemblies.SelectMany(assembly => assembly.GetTypes())];

    public bool Owns(Type type) => assemblies.Contains(type.Assembly);

    /// <summary>The methods with that attribute on a parameter.</summary>
    public IEnumerable<MethodInfo> MethodsTriggeredBy<T>() where T : Attribute => types.SelectMany(Declared)
        .Where(method => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(T))));

    public static IEnumerable<MethodInfo> Declared(Type type) => type.GetMethods(All);

    /// <summary>Every implementation in the app that a virtual call of this method can come to.</summary>
    public IEnumerable<MethodInfo> BehindVirtual(MethodInfo called)
    {
        var slot = Definition(called.DeclaringType!);
        foreach (var type in types)
            if (slot.IsInterface)
                foreach (var body in Implementations(type, face => Definition(face) == slot, method => method.MetadataToken == called.MetadataToken))
                    yield return body;
            else if (BasesOf(type).Contains(slot))
                foreach (var body in Declared(type).Where(m => m.IsVirtual && m.GetBaseDefinition().MetadataToken == called.GetBaseDefinition().MetadataToken
                    && m.GetBaseDefinition().Module == called.GetBaseDefinition().Module))
                    yield return body;
    }

    /// <summary>The type's methods that code outside the app can call without knowing it: overrides and implementations of outer types.</summary>
    public IEnumerable<MethodInfo> KnownToOthers(Type type) => type.IsInterface ? [] :
    [
        .. BasesOf(type).Prepend(type).Where(Owns).SelectMany(Declared)
            .Where(m => m.IsVirtual && !Owns(m.GetBaseDefinition().DeclaringType!)),
        .. Implementations(type, face => !Owns(face), _ => true).Where(m => Owns(m.DeclaringType!)),
    ];

    private static IEnumerable<MethodInfo> Implementations(Type type, Func<Type, bool> face, Func<MethodInfo, bool> slot)
    {
        if (type.IsInterface)
            return [];
        return type.GetInterfaces().Where(face).Select(type.GetInterfaceMap)
            .SelectMany(map => map.InterfaceMethods.Zip(map.TargetMethods)).Where(pair => slot(pair.First) && pair.Second is not null)
            .Select(pair => pair.Second);
    }

    private static IEnumerable<Type> BasesOf(Type type)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
            yield return Definition(at);
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
