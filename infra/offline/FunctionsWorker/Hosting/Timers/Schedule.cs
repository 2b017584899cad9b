using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>When a timer fires: a cron expression on the clock of a time zone, or a constant interval.</summary>
internal sealed class Schedule
{
    private readonly Cron? cron;
    private readonly TimeSpan interval;
    private readonly TimeZoneInfo zone;

    private Schedule(Cron? cron, TimeSpan interval, TimeZoneInfo zone) => (this.cron, this.interval, this.zone) = (cron, interval, zone);

    /// <summary>The zone is that of setting WEBSITE_TIME_ZONE, else the machine's.</summary>
    public static Schedule Parse(string function, string text, IConfiguration settings)
    {
        var expanded = SettingText.Expand(text, settings, $"the schedule of function '{function}'");
        try
        {
            var zone = settings["WEBSITE_TIME_ZONE"] is { Length: > 0 } id ? TimeZoneInfo.FindSystemTimeZoneById(id) : TimeZoneInfo.Local;
            return expanded.Contains(':') && TimeSpan.TryParse(expanded, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero
                ? new Schedule(null, interval, zone)
                : new Schedule(Cron.Parse(expanded), TimeSpan.Zero, zone);
        }
        catch (Exception e) when (e is FormatException or TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new StartupException($"Function '{function}': {e.Message}", e);
        }
    }

    /// <summary>The next time after <paramref name="utc"/>, in UTC. A wall-clock time that the change to summer time skips fires an hour later.</summary>
    public DateTime? Next(DateTime utc)
    {
        if (cron is null)
            return utc + interval;
        for (var wall = cron.Next(TimeZoneInfo.ConvertTimeFromUtc(utc, zone)); wall is { } time; wall = cron.Next(time))
        {
            var real = TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(time) ? time.AddHours(1) : time, zone);
            if (real > utc)
                return real;
        }
        return null;
    }

    /// <summary>True where it fires at least once a minute: then remembering missed runs makes no sense.</summary>
    public bool IsFrequent(DateTime utc) => Next(utc) is { } first && Next(first) is { } second && second - first <= TimeSpan.FromMinutes(1);
}
