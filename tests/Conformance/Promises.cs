namespace Tpo.Tests.Conformance;

/// <summary>
/// What the real host and engine promise, one sentence each. The number is the section of the reference document that the house is
/// built by; each must be shown by at least one test with <see cref="PromiseAttribute"/>.
/// </summary>
public static class Promises
{
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        // Functions: discovery, dependency injection, middleware, HTTP
        ["2.2.1"] = "Middleware runs in the order it was added, around every function",
        ["2.2.2"] = "The worker's JSON reads names ignoring case and writes them as declared; one setting changes it for activities, client and orchestrators",
        ["2.3.1"] = "A public method with [Function], static or instance, is a function; names are unique ignoring case",
        ["2.3.2"] = "An instance class is made for each call in a scope of its own",
        ["2.3.3"] = "FunctionContext, CancellationToken and names of the trigger's metadata are bound by parameter",
        ["2.3.4"] = "The retry attributes act on timers and are refused where the trigger has no such capability",
        ["2.4.1"] = "Methods, route templates and constraints decide what an HTTP function answers; the prefix comes from host.json",
        ["2.4.2"] = "HttpRequest, IActionResult, IResult, [FromBody], [FromQuery], [FromRoute] work as in ASP.NET Core",
        ["2.4.3"] = "No key or a wrong level is 401, a disabled function, an unknown route or a method that does not match is 404, an unhandled exception is 500",
        ["2.5.1"] = "A key is taken from x-functions-key, else from code; an empty one counts as none",
        ["2.5.2"] = "Master key opens everything, host keys every function, a function's own key that function, a system key its extension's webhooks",
        ["2.5.3"] = "/admin needs the master key; webhooks need the system key of their extension",
        ["2.6.1"] = "The orchestrator's input comes as a second parameter or by GetInput; activities have services, the instance id and the context",
        ["2.6.2"] = "TaskOptions passed as the input are refused",
        ["2.6.3"] = "Without getInputsAndOutputs a client's answer holds no input, output, custom status or failure",

        // Replay
        ["3.1.1"] = "An episode is committed whole or not at all; one that was cut off runs again",
        ["3.1.2"] = "Actions are numbered in call order; another kind or name at a number is non-determinism and fails the instance with those words",
        ["3.1.3"] = "Time stands still within an episode; time and new GUIDs are the same on replay",
        ["3.1.4"] = "Awaiting anything but a task of the context fails the orchestration with a sentence",
        ["3.1.5"] = "Replay-safe loggers are silent on replay; the custom status is what was last set",
        ["3.1.6"] = "The return value is the output",
        ["3.2.1"] = "A history is OrchestratorStarted, what came in, what was asked for, OrchestratorCompleted, and can be read until the purge",
        ["3.3.1"] = "Activities run at least once, their results are recorded once",
        ["3.3.2"] = "An activity that does not exist fails its task with that sentence",
        ["3.3.3"] = "An activity cut off by a shutdown is not a failure: it runs again",
        ["3.3.4"] = "No more activities run at a time than host.json says",

        // Retries and failures
        ["3.4.1"] = "A retry policy's numbers are checked; its defaults are one hour at most between tries and no timeout",
        ["3.4.2"] = "Attempts count the first call; the delay grows by the coefficient up to the maximum; the timeout is looked at when an attempt fails",
        ["3.4.3"] = "Each retry is a durable timer and a new task; after the last failure one more timer is scheduled, due at once",
        ["3.4.4"] = "HandleFailure decides which failures are tried again; the last failure is thrown",
        ["3.4.5"] = "A retry handler runs in the orchestrator and says whether to go on",
        ["3.4.6"] = "The same options retry sub-orchestrations, under one generated id",
        ["3.5.1"] = "A failure crosses as data, with type, message, stack and inner failures",
        ["3.5.2"] = "IsCausedBy knows types and their bases, and is false for unknown names",
        ["3.5.3"] = "An orchestrator that lets a failure escape is Failed with it as inner failure; the output is the message",

        // Timers and events
        ["3.6.1"] = "A timer fires at or after its time, through kills",
        ["3.6.2"] = "A timer longer than three days is a chain of shorter ones",
        ["3.6.3"] = "A cancelled timer throws TaskCanceledException and holds nothing",
        ["3.7.1"] = "Event names match ignoring case; events wait in order for their reader",
        ["3.7.2"] = "Of several open waits on one name the latest is served first; all must ask for one type",
        ["3.7.3"] = "A wait that timed out throws TaskCanceledException and swallows no later event",
        ["3.7.4"] = "An event to an instance that does not exist or has ended is dropped; a null payload is legal",
        ["3.7.5"] = "An orchestration sends events to others as a numbered action",

        // Children, starting over, lifecycle
        ["3.8.1"] = "A sub-orchestration is an instance with a history of its own, an id of 32 hex digits where none was given, and knows its parent",
        ["3.8.2"] = "A child's result or failure comes back to its parent; an id that is taken fails the call and nothing else",
        ["3.8.3"] = "Children outlive their parent's termination unless it is recursive; purge likewise",
        ["3.9.1"] = "ContinueAsNew keeps the id, starts an empty history with the last given input and keeps the custom status; what follows the call still runs",
        ["3.9.2"] = "Events that were not read go over to the new execution in order, unless they are not to be preserved",
        ["3.9.3"] = "Answers to the old execution are dropped",
        ["3.10.1"] = "Terminate ends at once with the given output; running activities are not interrupted, their results are dropped",
        ["3.10.2"] = "A suspended instance stores what comes and stands still until it is resumed; it can be terminated",
        ["3.10.3"] = "Purge takes finished instances only, one or by time and status, and says how many",
        ["3.10.4"] = "Restart starts the same name and input again, under the same id or a new one",
        ["3.10.5"] = "Rewind takes back the failures of a failed instance and lets it go on",
        ["3.10.6"] = "A start in the future stays Pending until then",
        ["3.11.1"] = "Instance ids have their rules; a generated one is 32 hex digits",
        ["3.11.2"] = "An id is refused while its instance runs and free when it has ended; a call can say which states refuse; check and start are one step",
        ["3.12.1"] = "An orchestration's version comes from its start and can be compared; ContinueAsNew can change it",
        ["3.13.1"] = "A custom status above 16 KB and an episode of more than 100,000 actions are refused",

        // HTTP management API
        ["4.1"] = "POST orchestrators starts: 202 with the payload, Location and Retry-After 10; bad JSON or an unknown function is 400",
        ["4.2"] = "POST orchestrators with timeout answers 200 with the output if it is there in time",
        ["4.3"] = "GET an instance is 404, 202 with Location and Retry-After 5, or 200; 500 for a failed one if asked",
        ["4.4"] = "GET instances filters by prefix, time and status and pages by top and x-ms-continuation-token",
        ["4.5"] = "DELETE purges one or many: the number, 404 if none, 400 without createdTimeFrom",
        ["4.6"] = "POST raiseEvent is 202, 400 for what is not JSON, 404, or 410",
        ["4.7"] = "POST terminate, suspend and resume are 202, 404, or 410",
        ["4.8"] = "POST rewind is 202, 404, or 410",
        ["4.9"] = "POST restart is 202 with the payload, or 400",
        ["4.10"] = "showHistory and showHistoryOutput put the history into the status, showInput=false takes the input out",
        ["4.11"] = "A wrong verb is 404; all needs the system key",

        // Blob trigger
        ["5.1"] = "The scanning source finds blobs that match the path, each version once",
        ["5.2"] = "A receipt says that a version was queued: one version is queued once, also through a restart",
        ["5.3"] = "A message for a blob that is gone or a function that is unknown is dropped; a changed blob is dropped for its newer version by the scanning source only",
        ["5.4"] = "A failing blob is tried five times, or as often as poisonBlobThreshold says; then it is a message in webjobs-blobtrigger-poison",
        ["5.5"] = "No more blobs are worked on at a time than host.json says",
        ["5.6"] = "The Event Grid webhook takes BlobCreated events and the validation handshake, under the blobs_extension key",
        ["5.7"] = "Written while the app was down, a blob is announced after the start; sweeps take at most a tenth of the store's capacity",
        ["5.8"] = "BlobClient, Stream, string, byte[], BinaryData and the path's names are bound",
        ["5.9"] = "A lost event is found by the app's own reconcile timer",

        // Queue trigger, settings, shutdown
        ["7.1.1"] = "Every message of the queue reaches the function, with the number of its attempt",
        ["7.1.2"] = "A message is invisible to everybody while it is worked on, however long that takes",
        ["7.1.3"] = "After the fifth failure a message moves, as it is, to {queue}-poison, and so does one that cannot be decoded",
        ["7.1.4"] = "string, byte[], BinaryData, QueueMessage, a class from JSON and the message's properties are bound",
        ["7.2.1"] = "At most batchSize and newBatchThreshold messages are worked on at a time: 16 and 8",
        ["7.2.2"] = "maxDequeueCount, visibilityTimeout after a failure and messageEncoding of host.json hold",
        ["7.3.1"] = "local.settings.json gives settings, which the environment overrides; what cannot be read is refused with a sentence",
        ["7.3.2"] = "A setting disables a function, in both spellings",
        ["7.3.3"] = "host.json's routePrefix, functionTimeout, logLevel and hubName hold; unknown keys are ignored, wrong values refused",
        ["7.4.1"] = "A stop cancels the tokens of running calls, lets the calls end, and starts nothing new",
        ["7.4.2"] = "What a stop cut off runs again after the next start, and nothing else does",

        // Timer trigger
        ["6.1"] = "NCRONTAB of six fields, five with second 0, a TimeSpan, %Setting%",
        ["6.2"] = "One timer never overlaps itself; occurrences missed meanwhile are skipped",
        ["6.3"] = "The monitor's status is written after each run and lies where the real one does; frequent schedules have none",
        ["6.4"] = "A run missed while the host was down is made up once with IsPastDue; a changed schedule's past time is not",
        ["6.5"] = "A failed run is logged; the next is at the next occurrence",
        ["6.6"] = "An administrator starts a timer by hand; RunOnStartup runs at every start",
    };
}
