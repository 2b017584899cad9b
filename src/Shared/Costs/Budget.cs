using System.Globalization;

namespace Tpo.Shared.Costs;

/// <summary>A cap is reached; what was done stays, and the work goes on where it stopped once there is room.</summary>
public sealed class BudgetReachedException(string message) : Exception(message);

/// <summary>Whether another unit of work may begin. With caps it reads the ledger before each, so a run stops within the units that are under way.</summary>
public sealed class Budget(Ledger ledger, TpoSettings settings)
{
    /// <exception cref="BudgetReachedException">today or this video has cost as much as it may</exception>
    public async Task RequireRoomAsync(string videoId, CancellationToken cancellation)
    {
        if (await FullAsync(videoId, cancellation) is { } sentence)
            throw new BudgetReachedException(sentence);
    }

    /// <summary>Why nothing more may begin for this video; null where there is room.</summary>
    public async Task<string?> FullAsync(string videoId, CancellationToken cancellation)
    {
        if (settings.Costs is { MostPerDay: null, MostPerVideo: null })
            return null;
        var (today, byVideo) = await ledger.SpentAsync(videoId, cancellation);
        return Over(today, settings.Costs.MostPerDay, "Today", "Tpo__Costs__MostPerDay", "; tomorrow it goes on by itself")
            ?? Over(byVideo, settings.Costs.MostPerVideo, "This video", "Tpo__Costs__MostPerVideo", "");
    }

    private static string? Over(decimal spent, decimal? most, string what, string setting, string also) => spent < (most ?? decimal.MaxValue)
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{what} has cost {spent:0.####} of at most {most:0.####}. What was done is kept: raise {setting} and it goes on from here{also}.");
}
