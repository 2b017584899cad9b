namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the invocation will answer; middleware may read and replace it.</summary>
public abstract class InvocationResult<T>
{
    public abstract T? Value { get; set; }
}

/// <summary>What the invocation will answer, untyped.</summary>
public abstract class InvocationResult : InvocationResult<object>;

public static class FunctionContextBindingFeatureExtensions
{
    public static InvocationResult GetInvocationResult(this FunctionContext context) =>
        context.Features.Get<InvocationResult>()
        ?? throw new InvalidOperationException("This FunctionContext was not made by the host, so it has no invocation result.");

    public static InvocationResult<T> GetInvocationResult<T>(this FunctionContext context)
    {
        var untyped = context.GetInvocationResult();
        return untyped.Value is null or T
            ? new TypedResult<T>(untyped)
            : throw new InvalidOperationException(
                $"The result of function '{context.FunctionDefinition.Name}' is a {untyped.Value.GetType()}, not a {typeof(T)}.");
    }

    private sealed class TypedResult<T>(InvocationResult untyped) : InvocationResult<T>
    {
        public override T? Value
        {
            get => untyped.Value is T value ? value : default;
            set => untyped.Value = value;
        }
    }
}
