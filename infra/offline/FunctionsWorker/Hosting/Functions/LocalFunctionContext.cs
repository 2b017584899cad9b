using System.Collections;
using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The context of one call.</summary>
internal sealed class LocalFunctionContext(LocalFunction function, Arrival arrival, IServiceProvider services, CancellationToken cancellation)
    : FunctionContext
{
    public LocalFunction Function => function;

    public Arrival Arrival => arrival;

    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => function.Definition.Id;

    public override TraceContext TraceContext { get; } = new ActivityTrace(Activity.Current);

    public override BindingContext BindingContext { get; } = new Bindings(arrival.Names);

    public override RetryContext RetryContext { get; } = new Retries(arrival.Retry.Count, arrival.Retry.Max);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override FunctionDefinition FunctionDefinition => function.Definition;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new FeatureSet();

    public override CancellationToken CancellationToken => cancellation;

    private sealed class ActivityTrace(Activity? activity) : TraceContext
    {
        public override string TraceParent { get; } = activity?.Id ?? "";

        public override string TraceState { get; } = activity?.TraceStateString ?? "";
    }

    private sealed class Bindings(IReadOnlyDictionary<string, object?> names) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => names;
    }

    private sealed class Retries(int count, int max) : RetryContext
    {
        public override int RetryCount => count;

        public override int MaxRetryCount => max;
    }

    private sealed class FeatureSet : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> features = [];

        public T? Get<T>() => features.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public void Set<T>(T? instance)
        {
            if (instance is null)
                features.Remove(typeof(T));
            else
                features[typeof(T)] = instance;
        }

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <summary>Holds the answer of one call.</summary>
internal sealed class LocalResult : InvocationResult
{
    public override object? Value { get; set; }
}
