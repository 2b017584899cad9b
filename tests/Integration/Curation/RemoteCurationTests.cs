using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Tpo.GpuJob.Verify;
using Tpo.Shared;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Reviews;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using Tpo.Tests.Integration.Benchmarks;
using Tpo.Tests.Integration.Media;
using Tpo.Tests.Integration.Training;
using Tpo.Tests.Unit.Serving;
using Tpo.Tests.Unit.Serving.Remote;

namespace Tpo.Tests.Integration.Curation;

/// <summary>The real app whose captioner, policy, query writer and judge are all behind an endpoint that fails now and then. No model is registered here.</summary>
public sealed class RemoteCurationTests : IDisposable
{
    private static readonly (string Colour, int Seconds)[] Scenes = [("red", 6), ("green", 6), ("blue", 6)];
    private readonly TestVideos _videos = new();
    private readonly TemporaryFolder _work = new();
    private int _requests;

    [Fact]
    public async Task A_video_becomes_pairs_though_every_model_is_remote_and_its_service_fails_now_and_then()
    {
        await using var server = await ChatServer.StartAsync(AnswerAsync);
        var connection = await SharedAzurite.TakeConnectionStringAsync();
        var storage = TpoStorage.FromConnectionString(connection);
        await storage.EnsureContainersAsync();
        var settings = new Dictionary<string, string> { ["Tpo__NightlySchedule"] = "0 0 2 * * *" };
        foreach (var (role, model) in new[] { ("Text", "text-model"), ("Captions", "caption-vlm"), ("Policy", "policy-vlm") })
        {
            settings[$"Tpo__Models__{role}__Endpoint"] = server.Settings.Endpoint;
            settings[$"Tpo__Models__{role}__Model"] = model;
            settings[$"Tpo__Models__{role}__Key"] = ChatServer.Key;
            settings[$"Tpo__Models__{role}__BackoffSeconds"] = "0.05";
            settings[$"Tpo__Models__{role}__ImageSide"] = "80";
        }
        await using var app = new BareApp(connection, _work.Path, settings);
        await app.StartAsync();

        await storage.UploadFileAsync(Containers.Videos, "three.mp4", await _videos.ScenesAsync("three.mp4", Scenes));
        var record = await House.EventuallyAsync("the video has an end", TimeSpan.FromMinutes(3), async () =>
            await new Catalog(storage).FindAsync<VideoRecord>(Catalog.Videos, "three.mp4") is { Status: not VideoStatus.Curating } ended ? ended : null);
        Assert.True(record.Status == VideoStatus.Curated, record.Failure + app.Log);
        Assert.True(record.Kept > 0);

        await CaptionsTellTheRightColoursAsync(storage, record.VideoId!);
        foreach (var pair in await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, CurationBlobs.Pairs(record.VideoId!)))
        {
            Assert.Equal(("policy-vlm", $"remote:{new Uri(server.Settings.Endpoint).Authority}", "ffmpeg-fit-80-v1"), (pair.ModelId, pair.ModelRevision, pair.Preprocess));
            Assert.Contains("caption-vlm", pair.PromptIds["caption"]);
            Assert.EndsWith("@text-model", pair.PromptIds["query"]);
            Assert.EndsWith("@text-model", pair.Verdict.JudgeId);
            Assert.StartsWith($"{pair.ChosenPlan.Indices.Length} pictures", pair.Chosen);
            Assert.StartsWith($"{pair.RejectedPlan.Indices.Length} pictures", pair.Rejected);
            Assert.True(pair.Cost.PromptTokens > 0);
        }

        await JudgesAreComparedAsync(app, storage, record);
        var rounds = await app.Http.PostAsJsonAsync("/api/training", new TrainingRequest { Rounds = 2 }, TpoJson.Options);
        Assert.Contains("Tpo__Models__Policy", await BackendHouse.SentenceAsync(rounds, HttpStatusCode.BadRequest));
        Assert.Contains("failed, again in", app.Log);
        Assert.DoesNotContain(ChatServer.Key, app.Log);
        foreach (var blob in await storage.ListAsync(Containers.Curation, ""))
            Assert.DoesNotContain(ChatServer.Key, await storage.TryReadTextAsync(Containers.Curation, blob));
    }

    [Fact]
    public async Task The_app_does_not_start_with_a_setting_that_cannot_be_used()
    {
        var connection = await SharedAzurite.TakeConnectionStringAsync();
        await using var app = new BareApp(connection, _work.Path, new Dictionary<string, string> { ["Tpo__Models__Text__Key"] = ChatServer.Key, ["Tpo__Models__Text__Model"] = "m" });
        await Assert.ThrowsAnyAsync<Exception>(app.StartAsync);
        Assert.Contains("The setting Tpo:Models:Text:Endpoint must be an http or https address", app.Log);
        Assert.DoesNotContain(ChatServer.Key, app.Log);
    }

    /// <summary>The endpoint's judge keeps all that it is asked about; what the judge of rules thinks stands beside it and decides nothing.</summary>
    private static async Task JudgesAreComparedAsync(BareApp app, TpoStorage storage, VideoRecord record)
    {
        var manifest = await storage.ReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(record.VideoId!));
        var judged = (await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, manifest.Judged)).Where(pair => pair.SecondOpinion is not null).ToList();
        Assert.NotEmpty(judged);
        Assert.All(judged, pair => Assert.Equal(pair.SecondOpinion!.Keep, pair.SecondOpinion.Reason is null));
        Assert.All(judged, pair => Assert.NotEqual(pair.Verdict.JudgeId, pair.SecondOpinion!.JudgeId));
        Assert.All(judged, pair => Assert.Equal(pair.PairId, PairIds.Of(pair)));
        var agreement = (await app.Http.GetFromJsonAsync<ReviewAgreement>("/api/reviews", TpoJson.Options))!.Judges!;
        Assert.Equal((judged.Count, record.Kept, judged.Count(pair => pair.SecondOpinion!.Keep)), (agreement.Compared, agreement.KeptByFirst, agreement.KeptBySecond));
        Assert.Equal(judged.Average(pair => pair.Verdict.Keep == pair.SecondOpinion!.Keep ? 1.0 : 0), agreement.Agreement!.Value, 1e-9);
    }

    private static async Task CaptionsTellTheRightColoursAsync(TpoStorage storage, string videoId)
    {
        var manifest = await storage.ReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(videoId));
        foreach (var blob in manifest.Captions)
        {
            var captions = await storage.ReadJsonAsync<ViewCaptions>(Containers.Curation, blob);
            Assert.NotEmpty(captions.Captions);
            Assert.All(captions.Captions, caption => Assert.Equal($"A {Scenes[(int)(caption.TimeSeconds / 6)].Colour} picture, 80×60.", caption.Text));
        }
    }

    /// <summary>Every seventh request fails, each time in another way.</summary>
    private Task AnswerAsync(Microsoft.AspNetCore.Http.HttpContext context)
    {
        var number = Interlocked.Increment(ref _requests);
        var reply = number % 7 == 0
            ? (number / 7 % 4) switch
            {
                0 => Replies.Status(429, Replies.Error("slow down"), ("retry-after-ms", "20")),
                1 => Replies.Status(503),
                2 => Replies.HangUpInTheMiddle(),
                _ => Replies.Raw("not JSON"),
            }
            : Replies.Text(Said((JsonNode)context.Items[ChatServer.Body]!, number));
        return reply(context);
    }

    private static string Said(JsonNode body, int number)
    {
        var content = body["messages"]!.AsArray()[^1]!["content"]!;
        if ((string)body["model"]! == "text-model")
        {
            var prompt = content is JsonValue ? (string)content! : (string)content[0]!["text"]!;
            return prompt.Contains("Task3") ? "Task1: Yes\nTask2: No\nTask3: Yes"
                : prompt.Contains("Task1") ? "Task1: No"
                : $"Q: Which colours are shown, {number}?\nA: Red, green and blue are shown.";
        }
        var pictures = content.AsArray().Where(part => (string)part!["type"]! == "image_url").Select(part => Picture((string)part!["image_url"]!["url"]!)).ToList();
        return (string)body["model"]! == "caption-vlm"
            ? $"A {pictures.Single().Colour} picture,\n{pictures[0].Size}."
            : $"{pictures.Count} pictures: {string.Join(", ", pictures.Select(picture => picture.Colour))}.";
    }

    private static (string Colour, string Size) Picture(string uri)
    {
        var file = Path.GetTempFileName();
        File.WriteAllBytes(file, Convert.FromBase64String(uri["data:image/png;base64,".Length..]));
        var picture = PngPicture.Read(file);
        File.Delete(file);
        var brightest = Enumerable.Range(0, 3).MaxBy(channel => picture.Rgb[channel]);
        return (Scenes[brightest].Colour, $"{picture.Width}×{picture.Height}");
    }

    public void Dispose()
    {
        _videos.Dispose();
        _work.Dispose();
    }
}
