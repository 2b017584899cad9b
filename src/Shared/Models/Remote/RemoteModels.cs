namespace Tpo.Shared.Models.Remote;

/// <summary>The remote models of curation, one a role; a role that is not set is filled on this machine.</summary>
public sealed record RemoteModels
{
    /// <summary>Writes queries and judges; it reads text alone.</summary>
    public RemoteModelSettings Text { get; init; } = new();
    /// <summary>Captions frames; not set = the policy captions.</summary>
    public RemoteModelSettings Captions { get; init; } = new();
    /// <summary>Answers the queries, and so makes the pairs' texts; not set = the base model.</summary>
    public RemoteModelSettings Policy { get; init; } = new();
}
