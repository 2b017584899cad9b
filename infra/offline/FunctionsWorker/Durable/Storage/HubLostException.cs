namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>Another process took the hub over (or its container was deleted): this one may not write any more.</summary>
internal sealed class HubLostException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
