namespace Tpo.Shared.Training;

/// <summary>What belongs to one round of a run is named after the run and the round's number. Pure.</summary>
public static class RoundNames
{
    /// <summary>The round's own training run.</summary>
    public static string Run(string runId, int round) => $"{runId}-round-{round}";

    /// <summary>The orchestration that makes the round's pairs.</summary>
    public static string Pairs(string runId, int round) => $"{Run(runId, round)}-pairs";

    /// <summary>The dataset of the round's pairs.</summary>
    public static string Dataset(string name, int round) => $"{name}-round-{round}";

    /// <summary>
    /// The model that a training run makes: `{base}-tpo-{run}`. A round's base is the model of the round before; there the run's name takes the place of that
    /// round's, since names that grew with each round would soon be too long for a folder.
    /// </summary>
    public static string Model(string baseModel, string runId)
    {
        var end = runId.LastIndexOf("-round-", StringComparison.Ordinal);
        return end > 0 && int.TryParse(runId[(end + "-round-".Length)..], out var round) && baseModel.EndsWith(Suffix(Run(runId[..end], round - 1)), StringComparison.Ordinal)
            ? baseModel[..^Suffix(Run(runId[..end], round - 1)).Length] + Suffix(runId)
            : baseModel + Suffix(runId);
    }

    private static string Suffix(string runId) => $"-tpo-{runId}";
}
