using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts the function by the clock: six-field NCRONTAB, a TimeSpan, or `%Setting%` that holds one of them.</summary>
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    public string Schedule { get; } = schedule;

    /// <summary>Run once at every start of the host, whatever the schedule says.</summary>
    public bool RunOnStartup { get; set; }

    /// <summary>Remember the schedule in storage, so that a run missed while the host was down is made up once.</summary>
    public bool UseMonitor { get; set; } = true;
}

/// <summary>What a timer function receives.</summary>
public class TimerInfo
{
    /// <summary>Null when the timer is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>True when this run makes up for one that should have happened earlier.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>The recorded state of a monitored timer.</summary>
public class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
