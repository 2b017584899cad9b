using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>A method that an orchestrator can come to, with the way there.</summary>
internal sealed record Reached(MethodBase Method, Reached? From)
{
    /// <summary>`CurateVideo.Run → a lambda in CurateVideo.Run → Clock.Stamp`</summary>
    public string Path => From is null || CodeNames.Of(From.Method) == CodeNames.Of(Method)
        ? From?.Path ?? CodeNames.Of(Method)
        : $"{From.Path} → {CodeNames.Of(Method)}";
}

/// <summary>
/// Everything of the app's own assemblies that can run when a method runs: what it calls, what it makes delegates of, what its state
/// machines do, what may stand behind a virtual call, and what others may call on the objects it makes. Nearest first.
/// </summary>
internal sealed class CallWalk(AppTypes app)
{
    private const int DeepestGeneric = 8; // a method that calls itself with ever larger type arguments has an end here

    private readonly HashSet<MethodBase> seen = [];
    private readonly HashSet<Type> made = [];
    private readonly Queue<Reached> waiting = new();

    public IEnumerable<Reached> From(MethodInfo start)
    {
        if (!start.IsStatic)
            foreach (var constructor in start.DeclaringType!.GetConstructors())
                Enqueue(constructor, null);
        Enqueue(start, null);
        while (waiting.TryDequeue(out var reached))
        {
            yield return reached;
            Follow(reached);
        }
    }

    private void Follow(Reached reached)
    {
        if (StateMachineOf(reached.Method) is { } machine)
            foreach (var body in AppTypes.Declared(machine).Where(method => method.Name == "MoveNext"))
                Enqueue(body, reached);
        foreach (var (code, member, _) in Instruction.Of(reached.Method))
            switch (member)
            {
                case MethodBase method: Call(method, code, reached); break;
                case FieldInfo { IsStatic: true } field: Touch(field.DeclaringType!, reached); break;
                case Type type when code != OpCodes.Newarr && code != OpCodes.Castclass && code != OpCodes.Isinst: Make(type, reached); break;
            }
    }

    private void Call(MethodBase method, OpCode code, Reached from)
    {
        if (method.DeclaringType is not { } owner)
            return;
        if (method.IsGenericMethod && owner == typeof(Activator)) // what `new T()` is compiled to
            foreach (var type in method.GetGenericArguments().Where(app.Owns))
                Construct(type, from);
        if (!app.Owns(owner))
            return;
        if (method.IsConstructor)
            Make(owner, from);
        if (method.IsConstructor || method.IsStatic)
            Touch(owner, from);
        Enqueue(method, from);
        if (method is MethodInfo { IsVirtual: true } called && code != OpCodes.Call)
            foreach (var other in app.BehindVirtual(called))
                Enqueue(other, from);
    }

    private void Construct(Type type, Reached from)
    {
        Make(type, from);
        Touch(type, from);
        if (type.GetConstructor(Type.EmptyTypes) is { } constructor)
            Enqueue(constructor, from);
    }

    /// <summary>An object of the app that the framework gets into its hands: it may call all that it knows of it.</summary>
    private void Make(Type type, Reached from)
    {
        if (!app.Owns(type) || type.IsGenericParameter || !made.Add(type))
            return;
        foreach (var method in app.KnownToOthers(type))
            Enqueue(method, from);
    }

    private void Touch(Type type, Reached from)
    {
        if (app.Owns(type) && type.TypeInitializer is { } initializer)
            Enqueue(initializer, from);
    }

    private void Enqueue(MethodBase method, Reached? from)
    {
        if (Depth(method) <= DeepestGeneric && seen.Add(method))
            waiting.Enqueue(new(method, from));
    }

    private static Type? StateMachineOf(MethodBase method)
    {
        if (method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType is not { } machine)
            return null;
        Type[] arguments =
        [
            .. method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : [],
            .. method.IsGenericMethod ? method.GetGenericArguments() : [],
        ];
        return machine.IsGenericTypeDefinition ? machine.MakeGenericType(arguments) : machine;
    }

    private static int Depth(MethodBase method) => Math.Max(Depth(method.DeclaringType!),
        method.IsGenericMethod ? method.GetGenericArguments().Max(Depth) : 0);

    private static int Depth(Type type) => type.HasElementType ? Depth(type.GetElementType()!)
        : type.IsGenericType ? 1 + type.GetGenericArguments().Max(Depth) : 0;
}
