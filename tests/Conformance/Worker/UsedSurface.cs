using System.Reflection;
using System.Text.RegularExpressions;
using Tpo.Tests.Conformance.Determinism;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>What one compiled assembly uses of others: read from its code, its attributes and its declarations.</summary>
internal static class UsedSurface
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Methods, constructors and fields of the library that the app uses, as they are declared (type parameters open).</summary>
    public static IReadOnlySet<MemberInfo> Members(Assembly app, Assembly library) => app.GetTypes()
        .SelectMany(type => Bodies(type).SelectMany(Instruction.Of).Select(instruction => instruction.Member).OfType<MemberInfo>()
            .Concat(Attributes(type).SelectMany(InAttribute)))
        .Where(member => member is MethodBase or FieldInfo && member.Module.Assembly == library && member.DeclaringType is { IsArray: false })
        .Select(member => member.Module.ResolveMember(member.MetadataToken)!)
        .ToHashSet();

    /// <summary>The library's types in the app's base lists, fields and signatures, and those that its used members belong to.</summary>
    public static IReadOnlySet<Type> Types(Assembly app, Assembly library) => app.GetTypes()
        .SelectMany(type => type.GetInterfaces().Append(type.BaseType).Concat(type.GetFields(All).Select(field => field.FieldType))
            .Concat(Bodies(type).SelectMany(Signature)))
        .Concat(Members(app, library).Select(member => member.DeclaringType))
        .OfType<Type>().SelectMany(Parts).Where(type => type.Assembly == library && !type.IsGenericParameter)
        .ToHashSet();

    /// <summary>The used members and types as the official lists write them; a getter or setter is its property.</summary>
    public static IReadOnlySet<string> Lines(Assembly app, Assembly library) =>
        Members(app, library).Select(LineOf).Concat(Types(app, library).Select(PublicSurface.LineOf)).ToHashSet();

    /// <summary>The names of the methods and constructors that the app calls, without their parameters.</summary>
    public static IReadOnlySet<string> CalledNames(Assembly app, Assembly library) => Members(app, library).OfType<MethodBase>()
        .Where(method => method is ConstructorInfo || !IsAccessor(method)).Select(method => NameIn(PublicSurface.LineOf(method))).ToHashSet();

    /// <summary>The lines of a list that are methods of these names.</summary>
    public static IEnumerable<string> OverloadsOf(IReadOnlySet<string> names, IEnumerable<string> list) =>
        list.Where(line => line.StartsWith("M:", StringComparison.Ordinal) && names.Contains(NameIn(line)));

    private static bool IsAccessor(MethodBase method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string LineOf(MemberInfo member) =>
        member is MethodInfo accessor && IsAccessor(accessor) && Property(accessor) is { } property
            ? PublicSurface.LineOf(property, settable: accessor == property.SetMethod) : PublicSurface.LineOf(member);

    private static PropertyInfo? Property(MethodInfo accessor) =>
        accessor.DeclaringType!.GetProperties().FirstOrDefault(property => accessor == property.GetMethod || accessor == property.SetMethod);

    /// <summary>`M:Type.Method` of `M:Type.Method``1(System.String) : System.Void`</summary>
    private static string NameIn(string line) => Regex.Match(line, @"^M:[^(` ]*(`\d+\.[^(` ]*)?").Value;

    private static IEnumerable<MethodBase> Bodies(Type type) => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All));

    private static IEnumerable<Type?> Signature(MethodBase method) => method.GetParameters().Select(parameter => parameter.ParameterType)
        .Append((method as MethodInfo)?.ReturnType).Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []);

    private static IEnumerable<CustomAttributeData> Attributes(Type type) => type.GetCustomAttributesData()
        .Concat(type.GetMembers(All).Where(member => member is not Type).SelectMany(member => member.GetCustomAttributesData()))
        .Concat(Bodies(type).SelectMany(method => method.GetParameters()).SelectMany(parameter => parameter.GetCustomAttributesData()));

    private static IEnumerable<MemberInfo> InAttribute(CustomAttributeData attribute) => attribute.NamedArguments
        .Select(argument => argument.MemberInfo is PropertyInfo property ? property.SetMethod! : argument.MemberInfo).Prepend(attribute.Constructor);

    // `Task<Page<X>>` is Task, Page and X.
    private static IEnumerable<Type> Parts(Type type) => type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Prepend(type.GetGenericTypeDefinition()) : [type];
}
