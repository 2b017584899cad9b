using System.Globalization;
using Microsoft.Extensions.Configuration;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

public sealed class CronTests
{
    [Theory, Promise("6.1")]
    [InlineData("0 0 2 * * *", "2026-08-10 01:59:59", "2026-08-10 02:00:00")]
    [InlineData("0 0 2 * * *", "2026-08-10 02:00:00", "2026-08-11 02:00:00")]
    [InlineData("0 */5 * * * *", "2026-08-10 02:03:10", "2026-08-10 02:05:00")]
    [InlineData("*/20 * * * * *", "2026-08-10 02:03:41", "2026-08-10 02:04:00")]
    [InlineData("*/5 * * * *", "2026-08-10 02:03:41", "2026-08-10 02:05:00")]
    [InlineData("0 30 9-17/2 * * *", "2026-08-10 09:31:00", "2026-08-10 11:30:00")]
    [InlineData("0 30 9-17/2 * * *", "2026-08-10 17:30:00", "2026-08-11 09:30:00")]
    [InlineData("5,8,10 * * * * *", "2026-08-10 00:00:08", "2026-08-10 00:00:10")]
    [InlineData("0 0 0 1 1 *", "2026-08-10 00:00:00", "2027-01-01 00:00:00")]
    [InlineData("0 0 0 1 Jan,Jul *", "2026-02-10 00:00:00", "2026-07-01 00:00:00")]
    [InlineData("0 30 9 * * Mon-Fri", "2026-08-14 09:30:00", "2026-08-17 09:30:00")]
    [InlineData("0 0 0 * * 7", "2026-08-10 00:00:00", "2026-08-16 00:00:00")]
    [InlineData("0 0 0 31 * *", "2026-08-31 00:00:00", "2026-10-31 00:00:00")]
    [InlineData("0 0 0 29 2 *", "2026-08-10 00:00:00", "2028-02-29 00:00:00")]
    [InlineData("0 0 0 13 * Fri", "2026-08-10 00:00:00", "2026-11-13 00:00:00")]
    [InlineData("0 10/20 * * * *", "2026-08-10 00:11:00", "2026-08-10 00:30:00")]
    [InlineData("59 59 23 31 12 *", "2026-12-31 23:59:59", "2027-12-31 23:59:59")]
    public void The_next_time_is_the_first_that_every_field_matches(string schedule, string after, string next) =>
        Assert.Equal(Time(next), Cron.Parse(schedule).Next(Time(after)));

    [Fact]
    public void A_day_that_never_comes_has_no_next_time() => Assert.Null(Cron.Parse("0 0 0 30 2 *").Next(Time("2026-08-10 00:00:00")));

    [Theory]
    [InlineData("* * *")]
    [InlineData("60 * * * * *")]
    [InlineData("0 0 24 * * *")]
    [InlineData("0 0 0 0 * *")]
    [InlineData("0 0 0 * 13 *")]
    [InlineData("0 0 0 * * 8")]
    [InlineData("0 0 0 * * Funday")]
    [InlineData("0 5-1 * * * *")]
    [InlineData("0 */0 * * * *")]
    [InlineData("0 , * * * *")]
    [InlineData("@daily")]
    public void A_wrong_schedule_says_what_is_wrong(string schedule) => Assert.Throws<FormatException>(() => Cron.Parse(schedule));

    [Fact, Promise("6.1")]
    public void A_schedule_is_on_the_clock_of_its_zone_and_survives_the_change_to_summer_time()
    {
        var berlin = Settings(("WEBSITE_TIME_ZONE", "Europe/Berlin"), ("Nightly", "0 30 2 * * *"));
        var schedule = Schedule.Parse("Nightly", "%Nightly%", berlin);
        Assert.Equal(Utc("2026-08-11 00:30:00"), schedule.Next(Utc("2026-08-10 12:00:00")));
        Assert.Equal(Utc("2026-03-29 01:30:00"), schedule.Next(Utc("2026-03-28 12:00:00"))); // 02:30 does not exist that night
        Assert.Equal(Utc("2026-03-30 00:30:00"), schedule.Next(Utc("2026-03-29 01:30:00")));
    }

    [Fact, Promise("6.1")]
    public void A_time_span_is_a_constant_interval_and_frequent_schedules_are_known()
    {
        Assert.Equal(Utc("2026-08-10 13:30:00"), Schedule.Parse("F", "01:30:00", Settings()).Next(Utc("2026-08-10 12:00:00")));
        Assert.True(Schedule.Parse("F", "0 * * * * *", Settings()).IsFrequent(Utc("2026-08-10 12:00:00")));
        Assert.False(Schedule.Parse("F", "0 */2 * * * *", Settings()).IsFrequent(Utc("2026-08-10 12:00:00")));
    }

    [Fact]
    public void A_missing_setting_is_named()
    {
        var error = Assert.Throws<StartupException>(() => Schedule.Parse("Nightly", "%NightlySchedule%", Settings()));
        Assert.Contains("NightlySchedule", error.Message);
        Assert.Contains("'Nightly'", error.Message);
    }

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);

    private static DateTime Utc(string text) => DateTime.SpecifyKind(Time(text), DateTimeKind.Utc);

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();
}
