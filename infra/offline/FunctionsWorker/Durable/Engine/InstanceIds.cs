namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>What an instance id may look like.</summary>
internal static class InstanceIds
{
    private const int MaxLength = 256;
    private const string Rule = "'/', '\\', '#', '?' and control characters are not allowed";

    /// <exception cref="ArgumentException">The id is empty, too long, starts with '@' or holds a character that is not allowed.</exception>
    public static void Check(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (id.Length > MaxLength)
            throw new ArgumentException($"The instance ID has {id.Length} characters; the limit is {MaxLength}.", nameof(id));
        if (id[0] == '@') throw new ArgumentException($"The instance ID '{id}' starts with '@', which is kept for entities.", nameof(id));
        if (id.AsSpan().IndexOfAny("/\\#?") is >= 0 and var at)
            throw new ArgumentException($"The instance ID '{id}' has a '{id[at]}': {Rule}.", nameof(id));
        if (id.Any(char.IsControl))
            throw new ArgumentException($"The instance ID '{id}' has a control character: {Rule}.", nameof(id));
    }
}
