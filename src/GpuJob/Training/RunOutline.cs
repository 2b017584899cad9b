using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.GpuJob.Training;

/// <summary>What is known of a run before any weight or video is read: config, tokenizer and pairs, and so every row it will see.</summary>
/// <param name="Request">with its dataset resolved to `name/version` and its steps counted</param>
public sealed record RunOutline(TrainingRequest Request, CheckpointConfig Config, Tokenizer Tokenizer, IReadOnlyList<PreferencePair> Pairs)
{
    private static readonly string[] Small = ["config.json", "tokenizer.json"];

    /// <summary>Different videos among the pairs.</summary>
    public int Videos => Pairs.Select(pair => pair.VideoId).Distinct(StringComparer.Ordinal).Count();

    /// <param name="modelFolder">config.json and tokenizer.json of the base model</param>
    /// <exception cref="InvalidDataException">there is no such dataset, or it has no pairs</exception>
    public static async Task<RunOutline> ReadAsync(TpoStorage storage, TrainingRequest request, string modelFolder, CancellationToken stop)
    {
        string dataset = request.Dataset.Contains('/') ? request.Dataset : await NewestAsync(storage, request.Dataset, stop);
        string[] parts = dataset.Split('/');
        var pairs = await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Datasets, DatasetBlobs.Pairs(parts[0], parts[1]), stop);
        if (pairs.Count == 0)
            throw new InvalidDataException($"The dataset '{dataset}' has no pairs (datasets/{DatasetBlobs.Pairs(parts[0], parts[1])}).");
        return new RunOutline(request with { Dataset = dataset, Steps = request.StepsFor(pairs.Count) }, CheckpointConfig.Load(modelFolder), Tokenizer.Load(modelFolder), pairs);
    }

    /// <summary>The two small files of a base model, without its weights.</summary>
    /// <exception cref="FileNotFoundException">there is no such model</exception>
    public static async Task DownloadModelAsync(TpoStorage storage, string model, string folder, CancellationToken stop)
    {
        foreach (string file in Small)
        {
            if (!await storage.ExistsAsync(Containers.Models, $"{model}/{file}", stop))
                throw new FileNotFoundException($"There is no model '{model}' in storage: models/{model}/{file} is missing.");
            await storage.DownloadAsync(Containers.Models, $"{model}/{file}", Path.Combine(folder, file), stop);
        }
    }

    /// <summary>The pair's row, as training makes it.</summary>
    public BranchedSequence Sequence(PreferencePair pair) => PreparedPair.SequenceOf(pair, Tokenizer, Config, Request);

    /// <summary>The pairs of a step.</summary>
    public IReadOnlyList<PreferencePair> Batch(int step) => [.. PairOrder.Batch(Pairs.Count, Request.BatchSize, Request.Seed, step).Select(index => Pairs[index])];

    /// <summary>What steps of the longest of the pairs take; a step holds the features of its own videos alone.</summary>
    public TrainingMemoryPlan Plan(bool onDevice) =>
        TrainingMemoryPlan.For(Config, Request, TrainingWays.Of(Request), Pairs.Select(pair => SizeOf(Sequence(pair))).Aggregate((largest, size) => largest.Max(size)), Math.Min(Videos, Request.BatchSize), onDevice);

    public static PairSize SizeOf(BranchedSequence sequence) => new(
        sequence.Length - sequence.VideoTokens, sequence.Targets.Count, sequence.Length - sequence.FirstWanted);

    private static async Task<string> NewestAsync(TpoStorage storage, string name, CancellationToken stop) =>
        await DatasetVersions.NewestAsync(new Catalog(storage), name, stop) is { } card
            ? $"{card.Name}/{card.Version}"
            : throw new InvalidDataException($"There is no dataset '{name}' yet: build one (POST /api/datasets), or give name/version of one that exists.");
}
