using System.Text.Json;
using Azure.Storage.Queues;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Local;
using Tpo.Shared.Storage;
using Tpo.Tests.Integration.Benchmarks;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Integration.Curation;

/// <summary>The function app on an account of its own with a model of random weights (it computes everything and knows nothing) and made videos.</summary>
public sealed class CuratedWorld : IAsyncLifetime
{
    public const string Model = "random";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _work = new();
    private string _connection = "";

    public TpoStorage Storage { get; private set; } = null!;
    public BareApp App { get; private set; } = null!;
    public Catalog Catalog => new(Storage);
    public string WorkFolder => _work.Path;

    public async Task InitializeAsync()
    {
        _connection = await SharedAzurite.TakeConnectionStringAsync();
        Storage = TpoStorage.FromConnectionString(_connection);
        await Storage.EnsureContainersAsync();
        await RegisterModelAsync(seed: 1);
        App = new BareApp(_connection, _work.Path, new Dictionary<string, string> { ["Tpo__BaseModel"] = Model, ["Tpo__NightlySchedule"] = "0 0 2 * * *" });
        await App.StartAsync();
    }

    /// <summary>Other weights under the same name are another revision.</summary>
    public async Task RegisterModelAsync(int seed)
    {
        using var checkpoint = new RandomCheckpoint(seed);
        foreach (var file in Directory.EnumerateFiles(checkpoint.Folder, "*", SearchOption.AllDirectories))
            await Storage.UploadFileAsync(Containers.Models, $"{Model}/{Path.GetRelativePath(checkpoint.Folder, file)}", file);
        await Storage.WriteJsonAsync(Containers.Models, $"{Model}/model.json", new ModelCard { ModelId = Model, Revision = WeightFiles.Revision(checkpoint.Folder) });
    }

    /// <summary>A message as the host writes it when the blob trigger gives up.</summary>
    public async Task PoisonAsync(string message)
    {
        var queue = new QueueClient(_connection, "webjobs-blobtrigger-poison", new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        await queue.CreateIfNotExistsAsync();
        await queue.SendMessageAsync(message);
    }

    public static SyntheticVideo Video(int index) => World.Video("curation", 77, index, WorldShape.Videos);

    /// <summary>Renders the world's video of this number into a file.</summary>
    public async Task<string> RenderAsync(int index)
    {
        var path = Path.Combine(_work.Path, $"{index}.mp4");
        if (!File.Exists(path))
            await VideoWriter.WriteAsync(Video(index), 64, path);
        return path;
    }

    /// <summary>Uploads and waits for the end; the record of this very upload.</summary>
    public async Task<VideoRecord> CurateAsync(string name, string file)
    {
        await Storage.UploadFileAsync(Containers.Videos, name, file);
        return await EndOfAsync(name);
    }

    public async Task<VideoRecord> EndOfAsync(string name)
    {
        var etag = (await Storage.Container(Containers.Videos).GetBlobClient(name).GetPropertiesAsync()).Value.ETag.ToString("G").Trim('"');
        return await House.EventuallyAsync($"'{name}' has an end", Long, async () =>
            await Catalog.FindAsync<VideoRecord>(Catalog.Videos, name) is { Status: not VideoStatus.Curating } record && record.ETag == etag ? record : null);
    }

    public Task<CurationManifest> ManifestAsync(string videoId) => Storage.ReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(videoId));

    /// <summary>Changes what a stage left, as if the model had said so.</summary>
    public async Task RewriteAsync<T>(string blob, Func<T, T> change) where T : class
    {
        var metadata = (await Storage.Container(Containers.Curation).GetBlobClient(blob).GetPropertiesAsync()).Value.Metadata;
        var changed = change(await Storage.ReadJsonAsync<T>(Containers.Curation, blob));
        await Storage.WriteBytesAsync(Containers.Curation, blob, JsonSerializer.SerializeToUtf8Bytes(changed, TpoJson.Indented), TpoStorage.JsonType, default, metadata);
    }

    public Task ForgetAsync(string blob) => Storage.Container(Containers.Curation).DeleteBlobAsync(blob);

    /// <summary>What was judged becomes what an earlier curation judged; the next one judges, and its pairs take the place of those.</summary>
    public async Task JudgeAnewAsync(CurationManifest manifest)
    {
        var former = $"{manifest.Judged}.former";
        await Storage.WriteJsonLinesAsync(Containers.Curation, former, await Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, manifest.Judged));
        await RewriteAsync<CurationManifest>(CurationBlobs.Manifest(manifest.VideoId), published => published with { Judged = former });
        await ForgetAsync(manifest.Judged);
    }

    /// <summary>Captions as the world's truth has them, chosen answers right, rejected ones wrong; everything else is the pipeline's own.</summary>
    public async Task<VideoRecord> CurateAsIfTheModelKnewAsync(string name, int index)
    {
        var file = await RenderAsync(index);
        var truth = Video(index);
        var videoId = (await CurateAsync(name, file)).VideoId!;
        var manifest = await ManifestAsync(videoId);
        foreach (var captions in manifest.Captions)
            await RewriteAsync<ViewCaptions>(captions, view => view with
            {
                Captions = [.. view.Captions.Select(caption => caption with { Text = truth.Scenes[truth.SceneAt(caption.Index)].Fact.Caption })],
            });
        await ForgetAsync(manifest.Queries);
        await JudgeAnewAsync(manifest);
        await CurateAsync(name, file);

        manifest = await ManifestAsync(videoId);
        var references = (await Storage.ReadJsonAsync<WrittenQueries>(Containers.Curation, manifest.Queries)).Queries.ToDictionary(query => query.QueryId, query => query.ReferenceAnswer);
        foreach (var answers in manifest.Answers)
            await RewriteAsync<ViewAnswers>(answers, view => view with
            {
                Answers = [.. view.Answers.Select(answer => answer with
                {
                    Truncated = false,
                    Text = view.View == Views.Sparse || view.View.StartsWith("without-", StringComparison.Ordinal) ? "Something else." : references[answer.QueryId],
                })],
            });
        await JudgeAnewAsync(manifest);
        return await CurateAsync(name, file);
    }

    public async Task ForgetAnswersAsync(string videoId)
    {
        var manifest = await ManifestAsync(videoId);
        foreach (var blob in manifest.Answers.Append(manifest.Judged).Append(CurationBlobs.Manifest(videoId)))
            await ForgetAsync(blob);
    }

    /// <summary>Kept and rejected, to the bit, without what the work cost.</summary>
    public async Task<IReadOnlyList<string>> JudgedAsync(string videoId) =>
        [.. (await Storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, (await ManifestAsync(videoId)).Judged))
            .Select(pair => JsonSerializer.Serialize(PairIds.WithoutCircumstances(pair), TpoJson.Options))];

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        _work.Dispose();
    }
}
