using Tpo.Shared.Preferences;

namespace Tpo.Shared.Costs;

/// <summary>What one kind of work costs, in any one currency; 0 where nobody sends a bill.</summary>
public sealed record Price
{
    public decimal PerMillionPromptTokens { get; init; }
    public decimal PerMillionGeneratedTokens { get; init; }
    /// <summary>Of the machine that does it, while it does it.</summary>
    public decimal PerHour { get; init; }

    public decimal Of(Cost cost) =>
        (PerMillionPromptTokens * cost.PromptTokens + PerMillionGeneratedTokens * cost.GeneratedTokens) / 1_000_000 + PerHour * (decimal)cost.Seconds / 3600;
}

/// <summary>The price table and the caps (environment: `Tpo__Costs__Captions__PerMillionPromptTokens`, `Tpo__Costs__MostPerDay`, …).</summary>
public sealed record CostSettings
{
    public Price Plan { get; init; } = new();
    public Price Captions { get; init; } = new();
    public Price Queries { get; init; } = new();
    public Price Answers { get; init; } = new();
    public Price Judge { get; init; } = new();

    /// <summary>Once a day (UTC) has cost this much no further unit of work begins; null = no cap.</summary>
    public decimal? MostPerDay { get; init; }
    /// <summary>The same for one video's curation, over all days.</summary>
    public decimal? MostPerVideo { get; init; }

    public Price this[CostStage stage] => stage switch
    {
        CostStage.Plan => Plan,
        CostStage.Captions => Captions,
        CostStage.Queries => Queries,
        CostStage.Answers => Answers,
        _ => Judge,
    };
}

public enum CostStage
{
    Plan, Captions, Queries, Answers, Judge,
}
