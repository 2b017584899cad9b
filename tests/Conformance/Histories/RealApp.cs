using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Functions.Curation;
using Tpo.Offline.FunctionsWorker.Durable;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Histories;

/// <summary>
/// The real app, built by its own Program.cs but never started: its services, serializer and middleware, around its own orchestrators or
/// around others that a test puts in their place.
/// </summary>
internal sealed class RealApp : IDisposable
{
    private readonly IHost host = BuildByProgram(typeof(CurateVideo).Assembly.EntryPoint!);

    public WorkerSerializer Serializer => host.Services.GetRequiredService<WorkerSerializer>();

    public static IReadOnlyList<Type> Types => typeof(CurateVideo).Assembly.GetTypes();

    public FunctionTable Table(IEnumerable<Type> types) => FunctionTable.Discover(
        types, host.Services.GetRequiredService<IConfiguration>(), host.Services.GetRequiredService<IServiceProviderIsService>());

    public IDurableFunctions Functions(IEnumerable<Type> types)
    {
        var middleware = host.Services.GetRequiredService<LocalHostParts>().Middleware;
        var invoker = new FunctionInvoker(host.Services.GetRequiredService<IServiceScopeFactory>(), new HostJson(), NullLoggerFactory.Instance, middleware);
        return new DurableFunctions(Table(types), invoker, Serializer);
    }

    public void Dispose() => host.Dispose();

    /// <summary>Runs Program.cs up to its Build(), as tools do that look into an app: the host is told of by an event, and Program is stopped there.</summary>
    private static IHost BuildByProgram(MethodInfo program)
    {
        using var builds = new Builds();
        using var listening = DiagnosticListener.AllListeners.Subscribe(builds);
        try
        {
            program.Invoke(null, [new[] { "--port=0" }]);
        }
        catch (TargetInvocationException e) when (e.InnerException is BuiltException)
        {
        }
        return builds.Host ?? throw new InvalidOperationException("Program.cs built no host.");
    }

    private sealed class BuiltException : Exception;

    private sealed class Builds : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly int thread = Environment.CurrentManagedThreadId; // other tests build hosts at the same time
        private readonly List<IDisposable> subscriptions = [];

        public IHost? Host { get; private set; }

        public void OnNext(DiagnosticListener listener)
        {
            if (listener.Name == "Microsoft.Extensions.Hosting")
                lock (subscriptions)
                    subscriptions.Add(listener.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> happening)
        {
            if (Environment.CurrentManagedThreadId != thread || happening is not { Key: "HostBuilt", Value: IHost built })
                return;
            Host = built;
            throw new BuiltException();
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }

        public void Dispose()
        {
            lock (subscriptions)
                subscriptions.ForEach(subscription => subscription.Dispose());
        }
    }
}
