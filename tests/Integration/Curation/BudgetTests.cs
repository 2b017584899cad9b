using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Curation;

public sealed class BudgetTests(CuratedWorld world) : IClassFixture<CuratedWorld>
{
    [Fact]
    public async Task A_cap_stops_a_curation_in_its_middle_and_without_it_the_same_pairs_come()
    {
        const string name = "dear/video.mp4";
        var file = await world.RenderAsync(20);
        var videoId = (await world.CurateAsIfTheModelKnewAsync(name, index: 20)).VideoId!;
        await world.ForgetAnswersAsync(videoId);
        var uncapped = await world.JudgedAsync((await world.CurateAsync(name, file)).VideoId!);
        Assert.NotEmpty(uncapped);
        var answers = await AnswersAsync(videoId);

        await world.ForgetAnswersAsync(videoId);
        await RestartAsync(("Tpo__Costs__Answers__PerHour", "3600"), ("Tpo__Costs__MostPerVideo", "0.000001"));
        var paused = await world.CurateAsync(name, file);
        Assert.Equal(VideoStatus.Paused, paused.Status);
        Assert.Contains("raise Tpo__Costs__MostPerVideo", paused.Failure);
        Assert.InRange(await AnswersAsync(videoId), 1, answers - 1);
        var bill = await CostsAsync();
        Assert.True(bill.ByStage[CostStage.Answers].Money > 0);
        Assert.Equal(0, bill.ByStage[CostStage.Captions].Money);
        Assert.Equal(bill.Total.Money, bill.ByVideo[videoId].Money);
        Assert.Equal([name], await ResumeAsync("stillPaused"));

        await RestartAsync(("Tpo__Costs__MostPerVideo", null));
        Assert.Equal([name], await ResumeAsync("resumed"));
        Assert.Equal(VideoStatus.Curated, (await EndAfterPauseAsync(name)).Status);
        Assert.Equal(uncapped, await world.JudgedAsync(videoId));
        Assert.Empty(await ResumeAsync("resumed"));
        Assert.True((await CostsAsync()).Total.Money > bill.Total.Money);
    }

    private async Task RestartAsync(params (string Name, string? Value)[] settings)
    {
        await world.App.KillAsync();
        foreach (var (name, value) in settings)
            world.App.Set(name, value);
        await world.App.StartAsync();
    }

    private async Task<VideoRecord> EndAfterPauseAsync(string name) => await House.EventuallyAsync("it goes on to its end", TimeSpan.FromMinutes(2), async () =>
        await world.Catalog.FindAsync<VideoRecord>(Catalog.Videos, name) is { Status: not (VideoStatus.Paused or VideoStatus.Curating) } record ? record : null);

    private async Task<int> AnswersAsync(string videoId) => (await world.Storage.ListAsync(Containers.Curation, $"{videoId}/answers/")).Count;

    private async Task<CostReport> CostsAsync() => (await world.App.Http.GetFromJsonAsync<CostReport>("/api/costs", TpoJson.Options))!;

    private async Task<string[]> ResumeAsync(string list) =>
        (await (await world.App.Http.PostAsync("/api/curation/resume", null)).Content.ReadFromJsonAsync<JsonElement>()).GetProperty(list).Deserialize<string[]>()!;
}
