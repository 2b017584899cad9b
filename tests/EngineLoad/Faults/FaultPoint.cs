namespace Tpo.Tests.EngineLoad.Faults;

/// <summary>When, around a storage request, the process dies.</summary>
public enum Moment
{
    /// <summary>It is never sent.</summary>
    Before,

    /// <summary>Half of its body is on the wire; where it has none, all of it, and nobody reads the answer.</summary>
    Within,

    /// <summary>The answer has come, and nothing is done with it.</summary>
    After,
}

/// <summary>Death at the n-th request of a kind in the life of the process, written `kind:moment:n`.</summary>
public sealed record FaultPoint(string Kind, Moment Moment, int Nth)
{
    public static FaultPoint Parse(string text) => text.Split(':') is [var kind, var moment, var nth]
        ? new(kind, Enum.Parse<Moment>(moment, ignoreCase: true), int.Parse(nth))
        : throw new FormatException($"The fault point '{text}' is not kind:moment:n, as in episode:within:3.");

    public override string ToString() => $"{Kind}:{Moment}:{Nth}";
}
