using System.Reflection;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Calls a method by reflection and awaits whatever it returns; what it throws is thrown unwrapped.</summary>
internal static class MethodResult
{
    private static readonly MethodInfo OfTask = typeof(MethodResult).GetMethod(nameof(FromTaskAsync), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo OfValueTask =
        typeof(MethodResult).GetMethod(nameof(FromValueTaskAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static object? Call(MethodInfo method, object? instance, object?[] arguments) =>
        method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    /// <summary>The value of a returned T, Task&lt;T&gt; or ValueTask&lt;T&gt;; null for void, Task and ValueTask.</summary>
    public static async Task<object?> AwaitAsync(MethodInfo method, object? returned)
    {
        var type = method.ReturnType;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
            return await (Task<object?>)Call(OfTask.MakeGenericMethod(type.GetGenericArguments()), null, [returned])!;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            return await (Task<object?>)Call(OfValueTask.MakeGenericMethod(type.GetGenericArguments()), null, [returned])!;
        switch (returned)
        {
            case Task task:
                await task;
                return null;
            case ValueTask task:
                await task;
                return null;
            default:
                return returned;
        }
    }

    private static async Task<object?> FromTaskAsync<T>(Task<T> task) => await task;

    private static async Task<object?> FromValueTaskAsync<T>(ValueTask<T> task) => await task;
}
