namespace Tpo.Tests.Conformance.Determinism;

/// <summary>
/// A thing an orchestrator must not do, because a replay could not repeat it. The ids that begin with DURABLE are those of the official
/// analyzers; theirs read the source of one method, this checks compiled code through every call.
/// </summary>
internal sealed record Rule(string Id, string Why, string Instead)
{
    public static readonly Rule Time = new("DURABLE0001", "the clock goes on between a run and its replay",
        "take context.CurrentUtcDateTime");

    public static readonly Rule Guids = new("DURABLE0002", "a replay gets another GUID", "take context.NewGuid()");

    public static readonly Rule Delay = new("DURABLE0003", "a wait outside the history is lost with the process",
        "await context.CreateTimer(...)");

    public static readonly Rule Threads = new("DURABLE0004", "an orchestrator runs on its own one thread, in one order",
        "await only tasks of the context, and put parallel work into activities");

    public static readonly Rule InputOutput = new("DURABLE0005", "what is outside may be different at the replay", "do it in an activity");

    public static readonly Rule Surroundings = new("DURABLE0006", "settings and machines differ between a run and its replay",
        "read it in an activity, or pass it in the input");

    public static readonly Rule Cancellation = new("DURABLE0007", "no token can be recorded",
        "take the parameter out; use terminate, or an external event");

    public static readonly Rule OtherBinding = new("DURABLE0008", "a binding is I/O outside the history",
        "move the binding to an activity");

    public static readonly Rule GetInput = new("DURABLE0009", "the input's type is then not part of the signature",
        "take the input as a second parameter");

    public static readonly Rule Logging = new("DURABLE0010", "each replay would write the line again",
        "log with context.CreateReplaySafeLogger(...)");

    public static readonly Rule Chance = new("TPO0001", "a replay draws other numbers",
        "seed new numbers from the input by arithmetic of your own, or draw in an activity");

    public static readonly Rule SharedState = new("TPO0002", "other instances and earlier replays change it",
        "keep it in a local variable, or make the field readonly");

    public static readonly Rule Locks = new("TPO0003", "it blocks the episode's thread and shares state between instances",
        "orchestrators need no lock: keep state in local variables");
}
