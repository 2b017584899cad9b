using System.Text.Json.Serialization;

namespace Tpo.Shared.Training;

/// <summary>What one look at a run's job saw. Fields that old looks did not have are absent there, and mean nothing.</summary>
/// <param name="Beats">whether a job wrote its progress within the last seconds, or the platform has it in its hands</param>
public sealed record JobSighting(JobPhase Phase, bool Beats)
{
    /// <summary>What the platform says; null = the job is a process of the app's machine.</summary>
    public PlatformState? Platform { get; init; }
    /// <summary>Whether the job itself beat; null = it did not, or nobody needs to know.</summary>
    public bool? Runs { get; init; }
    /// <summary>Whether the run was asked to end; null = it was not, or nobody needs to know.</summary>
    public bool? Cancelling { get; init; }
    /// <summary>The request's budget.</summary>
    public double? MaxHours { get; init; }
    /// <summary>Until the next look; null = <see cref="JobWatch.Interval"/>.</summary>
    public double? WaitSeconds { get; init; }

    [JsonIgnore]
    public bool IsFinal => Phase is JobPhase.Succeeded or JobPhase.Failed or JobPhase.Cancelled;

    [JsonIgnore]
    public TimeSpan Wait => WaitSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : JobWatch.Interval;
}

/// <summary>What the watcher of a job does next.</summary>
public enum WatchMove
{
    Wait,
    /// <summary>No job is there: start one.</summary>
    Start,
    /// <summary>The budget is used up: ask the job to end after its step.</summary>
    AskToEnd,
    /// <summary>The job cannot hear that it shall end, or does not: the platform ends it.</summary>
    EndAtPlatform,
}

/// <summary>The watcher's rules. Pure: time and sightings come in.</summary>
public static class JobWatch
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long a job may take to end after its step, checkpoint included, before the platform ends it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <param name="ran">time since the job's first beat; zero before it</param>
    public static WatchMove Next(JobSighting seen, TimeSpan ran)
    {
        var budget = seen.MaxHours is { } hours ? TimeSpan.FromHours(hours) : TimeSpan.MaxValue;
        if (seen.Cancelling != true && ran >= budget)
            return WatchMove.AskToEnd;
        if (seen is { Cancelling: true, Platform: not null and not PlatformState.Absent } && (seen.Runs != true || (budget < TimeSpan.MaxValue && ran >= budget + Grace)))
            return WatchMove.EndAtPlatform;
        return seen.Beats ? WatchMove.Wait : WatchMove.Start;
    }

    public static string BudgetSentence(double maxHours) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The job was ended because its budget of {maxHours} hours is used up (budget.maxHours).");
}
