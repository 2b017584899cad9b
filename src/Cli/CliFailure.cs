namespace Tpo.Cli;

/// <summary>A verb that could not do its work: the sentence says why and what to do. Exit code 1.</summary>
internal sealed class CliFailure(string sentence) : Exception(sentence);
