namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The app cannot start; the message is the one sentence a person needs.</summary>
internal sealed class StartupException(string sentence, Exception? cause = null) : Exception(sentence, cause);
