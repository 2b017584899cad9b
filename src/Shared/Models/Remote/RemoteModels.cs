namespace Tpo.Shared.Models.Remote;

/// <summary>The remote models, one a role; a role of curation that is not set is filled on this machine.</summary>
public sealed record RemoteModels
{
    /// <summary>Writes queries, judges pairs, and benchmarks' free answers; it reads text alone.</summary>
    public RemoteModelSettings Text { get; init; } = new();
    /// <summary>Captions frames; not set = the policy captions.</summary>
    public RemoteModelSettings Captions { get; init; } = new();
    /// <summary>Answers the queries, and so makes the pairs' texts; not set = the base model.</summary>
    public RemoteModelSettings Policy { get; init; } = new();
    /// <summary>What a benchmark's request calls `endpoint`; it is asked only where a request names it.</summary>
    public RemoteModelSettings Benchmark { get; init; } = new();
}
