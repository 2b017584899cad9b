using System.Reflection;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>What of the framework and of packages an orchestrator must not use, rule by rule.</summary>
internal static class ForbiddenMembers
{
    // `Type: members`, a type alone for all it has, or a namespace with a dot behind it for everything below. Properties by their name.
    private static readonly (Rule Rule, string[] Names)[] table =
    [
        (Rule.Time,
        [
            "System.DateTime: Now UtcNow Today", "System.DateTimeOffset: Now UtcNow", "System.Diagnostics.Stopwatch", "System.TimeProvider",
            "System.Environment: TickCount TickCount64",
        ]),
        (Rule.Guids, ["System.Guid: NewGuid CreateVersion7"]),
        (Rule.Delay,
        [
            "System.Threading.Tasks.Task: Delay WaitAsync", "System.Threading.Thread: Sleep SpinWait", "System.Threading.Timer",
            "System.Threading.PeriodicTimer", "System.Timers.Timer", "System.Threading.CancellationTokenSource: CancelAfter", "System.Threading.SpinWait",
        ]),
        (Rule.Threads,
        [
            "System.Threading.Tasks.Task: Run Start RunSynchronously ContinueWith Wait WaitAll WaitAny Yield .ctor",
            "System.Threading.Tasks.TaskFactory", "System.Threading.Tasks.Parallel", "System.Threading.Thread", "System.Threading.ThreadPool",
            "System.Linq.ParallelEnumerable", "System.Linq.ParallelQuery", "System.Threading.SynchronizationContext",
            "System.Threading.Tasks.TaskScheduler", "System.ComponentModel.BackgroundWorker", "System.Threading.Channels.",
        ]),
        (Rule.Locks,
        [
            "System.Threading.Monitor", "System.Threading.Lock", "System.Threading.Mutex", "System.Threading.Semaphore", "System.Threading.SemaphoreSlim",
            "System.Threading.ReaderWriterLockSlim", "System.Threading.EventWaitHandle", "System.Threading.AutoResetEvent",
            "System.Threading.ManualResetEvent", "System.Threading.ManualResetEventSlim", "System.Threading.CountdownEvent", "System.Threading.Barrier",
            "System.Threading.SpinLock", "System.Threading.WaitHandle", "System.Threading.Interlocked",
        ]),
        (Rule.Chance,
        [
            "System.Random", "System.Security.Cryptography.RandomNumberGenerator", "System.IO.Path: GetRandomFileName", "System.Linq.Enumerable: Shuffle",
        ]),
        (Rule.Surroundings,
        [
            "System.Environment", "System.AppContext", "System.Runtime.InteropServices.RuntimeInformation", "Microsoft.Extensions.Configuration.",
            "Microsoft.Extensions.Options.", "System.TimeZoneInfo: Local", "System.DateTime: ToLocalTime", "System.DateTimeOffset: ToLocalTime",
            "System.Globalization.CultureInfo: CurrentCulture CurrentUICulture",
        ]),
        (Rule.InputOutput,
        [
            "System.IO.", "System.Net.", "System.Console", "System.Diagnostics.Process", "System.Diagnostics.ProcessStartInfo", "System.Data.",
            "Azure.", "Microsoft.Data.", "Microsoft.DurableTask.Client.", "Microsoft.Extensions.AI.", "OpenAI.", "Grpc.", "FFMpegCore.",
            "Microsoft.ML.OnnxRuntime.", "TorchSharp.",
        ]),
        (Rule.GetInput, ["Microsoft.DurableTask.TaskOrchestrationContext: GetInput"]),
    ];

    // Computation only, though its namespace says otherwise.
    private static readonly string[] harmless =
    [
        "System.Environment: NewLine", "System.IO.Path: Combine Join GetFileName GetFileNameWithoutExtension GetExtension GetDirectoryName ChangeExtension "
            + "HasExtension IsPathRooted IsPathFullyQualified GetRelativePath TrimEndingDirectorySeparator",
        "System.IO.StringReader", "System.IO.StringWriter", "System.IO.TextReader", "System.IO.TextWriter", "System.IO.MemoryStream",
        "System.Net.WebUtility",
    ];

    private static readonly ILookup<string, (HashSet<string>? Members, Rule Rule)> byType =
        table.SelectMany(entry => entry.Names.Select(name => (entry.Rule, Name: name))).Where(entry => !entry.Name.EndsWith('.'))
            .ToLookup(entry => entry.Name.Split(':')[0], entry => (MembersOf(entry.Name), entry.Rule));

    private static readonly ILookup<string, HashSet<string>?> allowed = harmless.ToLookup(name => name.Split(':')[0], MembersOf);

    private static readonly (string Prefix, Rule Rule)[] namespaces =
        [.. table.SelectMany(entry => entry.Names.Where(name => name.EndsWith('.')).Select(name => (name, entry.Rule)))];

    /// <summary>The rule that using this member breaks, if any. Members that name single members come before those that take a whole type.</summary>
    public static Rule? Broken(MemberInfo member)
    {
        if (member.DeclaringType is not { } declaring)
            return null;
        var type = (declaring.IsGenericType ? declaring.GetGenericTypeDefinition() : declaring).FullName!.Split('`')[0];
        var name = member is MethodInfo { IsSpecialName: true } accessor ? accessor.Name[(accessor.Name.IndexOf('_') + 1)..] : member.Name;
        if (byType[type].Where(entry => entry.Members?.Contains(name) == true).Select(entry => entry.Rule).FirstOrDefault() is { } named)
            return named;
        if (allowed[type].Any(members => members?.Contains(name) != false) || typeof(Exception).IsAssignableFrom(declaring))
            return null;
        return byType[type].Where(entry => entry.Members is null).Select(entry => entry.Rule).FirstOrDefault()
            ?? namespaces.FirstOrDefault(entry => type.StartsWith(entry.Prefix, StringComparison.Ordinal)).Rule;
    }

    private static HashSet<string>? MembersOf(string name) =>
        name.Split(':') is [_, var members] ? [.. members.Split(' ', StringSplitOptions.RemoveEmptyEntries)] : null;
}
