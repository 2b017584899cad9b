using System.Text.Json;
using Tpo.Functions.Training;
using Tpo.Shared;
using Tpo.Shared.Training;

namespace Tpo.Tests.Unit.Training.Backends;

/// <summary>The watcher's rules, and that what it puts into histories is what it always put there.</summary>
public sealed class JobWatchTests
{
    private static readonly JobSighting alive = new(JobPhase.Running, Beats: true), dead = new(JobPhase.Running, Beats: false);

    [Fact]
    public void A_job_that_beats_is_left_alone_and_one_that_does_not_is_started()
    {
        Assert.Equal(WatchMove.Wait, JobWatch.Next(alive, TimeSpan.FromDays(9)));
        Assert.Equal(WatchMove.Start, JobWatch.Next(dead, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(1.99, WatchMove.Wait)]
    [InlineData(2.0, WatchMove.AskToEnd)]
    [InlineData(9.0, WatchMove.AskToEnd)]
    public void A_budget_ends_the_job_by_a_request(double hours, WatchMove move) =>
        Assert.Equal(move, JobWatch.Next(alive with { MaxHours = 2, Runs = true }, TimeSpan.FromHours(hours)));

    [Theory]
    [InlineData(null, 2.1, WatchMove.Wait)]
    [InlineData(null, 9.0, WatchMove.Wait)]
    [InlineData(PlatformState.Running, 2.1, WatchMove.Wait)]
    [InlineData(PlatformState.Running, 2.2, WatchMove.EndAtPlatform)]
    public void A_job_that_was_asked_has_ten_minutes_where_a_platform_can_end_it(PlatformState? platform, double hours, WatchMove move) =>
        Assert.Equal(move, JobWatch.Next(alive with { MaxHours = 2, Runs = true, Cancelling = true, Platform = platform }, TimeSpan.FromHours(hours)));

    [Theory]
    [InlineData(PlatformState.Queued, WatchMove.EndAtPlatform)]
    [InlineData(PlatformState.Starting, WatchMove.EndAtPlatform)]
    [InlineData(PlatformState.Unknown, WatchMove.EndAtPlatform)]
    public void A_job_that_cannot_hear_yet_is_ended_at_its_platform(PlatformState platform, WatchMove move) =>
        Assert.Equal(move, JobWatch.Next(alive with { Cancelling = true, Platform = platform }, TimeSpan.Zero));

    [Fact]
    public void A_job_of_this_machine_is_started_to_say_that_it_was_cancelled() =>
        Assert.Equal(WatchMove.Start, JobWatch.Next(dead with { Cancelling = true }, TimeSpan.Zero));

    [Fact]
    public void Sightings_and_inputs_of_process_jobs_read_and_write_as_they_always_did()
    {
        Assert.Equal("""{"phase":"running","beats":true}""", JsonSerializer.Serialize(alive, TpoJson.Options));
        Assert.Equal(alive, JsonSerializer.Deserialize<JobSighting>("""{"phase":"running","beats":true}""", TpoJson.Options));
        Assert.Equal(TimeSpan.FromSeconds(2), alive.Wait);
        Assert.Equal("""{"runId":"r","starts":3}""", JsonSerializer.Serialize(new WatchJobInput("r", 3), TpoJson.Options));
    }
}
