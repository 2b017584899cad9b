using Tpo.Shared.Benchmarks;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Integration.Loop;

/// <summary>`./tpo demo`, run once as a person would, for all tests that look at what it left.</summary>
public sealed class DemoRun : IAsyncLifetime
{
    public House House { get; private set; } = null!;
    public int ExitCode { get; private set; }
    public string Output { get; private set; } = "";
    public IReadOnlyList<VideoRecord> Videos { get; private set; } = [];
    public IReadOnlyList<PreferencePair> Pairs { get; private set; } = [];
    public TrainingStatus Training { get; private set; } = null!;
    public BenchmarkRun Benchmark { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        House = await House.StartAsync();
        (ExitCode, Output) = await House.TpoAsync("demo");
        Assert.True(ExitCode == 0, Output);
        Videos = await House.Catalog.ListAsync<VideoRecord>(Catalog.Videos);
        Pairs = await PairsOfAsync(House, Videos);
        var run = Assert.Single(await House.Catalog.ListAsync<TrainingRun>(Catalog.TrainingRuns));
        Training = await House.GetAsync<TrainingStatus>($"/api/training/{run.RunId}");
        Benchmark = Assert.Single(await House.Catalog.ListAsync<BenchmarkRun>(Catalog.BenchmarkRuns));
    }

    /// <summary>All kept pairs of the videos, by id; costs differ from run to run and are left out.</summary>
    public static async Task<IReadOnlyList<PreferencePair>> PairsOfAsync(House house, IEnumerable<VideoRecord> videos)
    {
        var pairs = new List<PreferencePair>();
        foreach (var videoId in videos.Select(video => video.VideoId).OfType<string>().Distinct())
            pairs.AddRange(await house.Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, CurationBlobs.Pairs(videoId)));
        return [.. pairs.OrderBy(pair => pair.PairId, StringComparer.Ordinal)];
    }

    public async Task DisposeAsync()
    {
        if (House is not null)
            await House.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class DemoCollection : ICollectionFixture<DemoRun>
{
    public const string Name = "demo";
}
