using Xunit.Abstractions;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>
/// `kill -9` of the host at any moment, then a restart: every instance goes on and ends as if nothing had happened. Moments are chosen by
/// seed: from outside at random, and at fault points before, within and after each kind of storage request that the engine makes.
/// A failure says which kills there were; with them in the environment variable TPO_KILLS the first test repeats them.
/// </summary>
[Collection(AzuriteCollection.Name)]
[Promise("3.1.1", "3.3.1", "3.6.1", "3.9.2")]
public sealed class KillTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private const int KillsOfAHub = 10, AtFaultPoints = 7, Goal = 100, MostHubs = 30;
    private readonly string storage = azurite.NewAccount();

    [Fact]
    public async Task Ten_kills_of_a_mixed_load_change_nothing()
    {
        if (Environment.GetEnvironmentVariable("TPO_KILLS")?.Split(' ') is [var seed, .. var repeated])
        {
            await KillAsync(await UndisturbedAsync(), int.Parse(seed), [.. repeated.Select(Kill.Parse)]);
            return;
        }
        var random = new Random(1);
        var points = random.GetItems([.. KillPlan.FaultPoints.Where(point => !point.StartsWith("lease-renew"))], AtFaultPoints);
        await KillAsync(await UndisturbedAsync(), 1, KillPlan.Make(points, KillsOfAHub, random));
    }

    [Fact, Trait("Lane", "slow")]
    public async Task A_hundred_kills_and_more_that_hit_every_fault_point_change_nothing()
    {
        var undisturbed = await UndisturbedAsync();
        string[] missing = [.. KillPlan.FaultPoints];
        new Random(2).Shuffle(missing);
        var kills = 0;
        for (var seed = 2; kills < Goal || missing.Length > 0; seed++)
        {
            Assert.True(seed < MostHubs, $"After {kills} kills these fault points were not reached: {string.Join(", ", missing)}.");
            string[] tried = [.. missing.Take(AtFaultPoints)];
            var reached = await KillAsync(undisturbed, seed, KillPlan.Make(tried, KillsOfAHub, new Random(seed)));
            kills += KillsOfAHub;
            missing = [.. missing.Skip(AtFaultPoints).Concat(tried).Where(point => !reached.Any(kill => kill.IsAt(point)))];
        }
        output.WriteLine($"{kills} kills; each of {KillPlan.FaultPoints.Count} fault points was reached.");
    }

    private async Task<LoadResult> UndisturbedAsync()
    {
        using var run = new LoadRun(storage, $"undisturbed{Guid.NewGuid():N}");
        await run.LiveAsync(KillsOfAHub);
        var result = await run.FinishAsync();
        Assert.Empty(result.Faults());
        return result;
    }

    /// <summary>One hub with these kills, compared with the one without; returns the fault points that were reached.</summary>
    private async Task<IReadOnlyCollection<Kill>> KillAsync(LoadResult undisturbed, int seed, Kill[] kills)
    {
        using var run = new LoadRun(storage, $"kills{seed}", replayAlways: seed % 3 == 0);
        try
        {
            foreach (var kill in kills) await run.DieAsync(kill);
            var result = await run.FinishAsync(restart: true);
            var wrong = result.Faults().Concat(result.DifferencesFrom(undisturbed)).ToArray();
            Assert.True(wrong.Length == 0, $"{wrong.Length} differences:\n{string.Join('\n', wrong.Take(40))}");
            output.WriteLine($"seed {seed}: {kills.Length} kills, {run.Reached.Count} at fault points; activities ran {result.RunCount} times, "
                + $"{undisturbed.RunCount} without kills");
            return run.Reached;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}\nSeed {seed}:\n{string.Join('\n', run.Told)}\n"
                + $"To repeat: TPO_KILLS='{seed} {string.Join(' ', kills.AsEnumerable())}'\nThe app's last words: {run.LastWords}", e);
        }
    }
}
