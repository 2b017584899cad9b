using System.Net;
using System.Text.Json;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration.Loop;

[Collection(DemoCollection.Name)]
public sealed class BadInputTests(DemoRun demo)
{
    [Fact]
    public async Task Bad_videos_become_failed_records_with_a_sentence_each()
    {
        var good = Path.Combine(demo.House.Home, "good.mp4");
        await demo.House.Storage.DownloadAsync(Containers.Videos, demo.Videos[0].BlobName, good);
        var whole = await File.ReadAllBytesAsync(good);
        await PutAsync("bad/text.mp4", "this is no video, whatever its name says"u8.ToArray());
        await PutAsync("bad/empty.mp4", []);
        await PutAsync("bad/truncated.mp4", whole[..(whole.Length / 3)]);

        foreach (var name in new[] { "bad/text.mp4", "bad/empty.mp4", "bad/truncated.mp4" })
        {
            var record = await House.EventuallyAsync($"{name} has an end", TimeSpan.FromSeconds(60), async () =>
                await demo.House.Catalog.FindAsync<VideoRecord>(Catalog.Videos, name) is { Status: not VideoStatus.Curating } end ? end : null);
            Assert.Equal(VideoStatus.Failed, record.Status);
            Assert.True(record.Failure is { Length: > 20 }, record.Failure);
        }
    }

    [Theory]
    [InlineData("/api/training", """{ "steps": 0 }""", "steps")]
    [InlineData("/api/training", """{ "beta": -1 }""", "beta")]
    [InlineData("/api/training", """{ "baseModel": "no-such-model" }""", "baseModel")]
    [InlineData("/api/training", """{ "dataset": "default/no-such-version" }""", "dataset")]
    [InlineData("/api/benchmarks", """{ "suite": "no-such-suite", "models": ["tpo-nano", "latest"] }""", "suite")]
    [InlineData("/api/benchmarks", """{ "suite": "demo", "models": ["tpo-nano", "no-such-model"] }""", "models")]
    [InlineData("/api/benchmarks", """{ "suite": "demo", "models": ["tpo-nano"] }""", "models")]
    public async Task A_wrong_request_is_400_and_names_the_field(string path, string body, string field)
    {
        var response = await demo.House.Http.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task An_unreadable_body_is_400_too()
    {
        var response = await demo.House.Http.PostAsync("/api/training", new StringContent("{ steps: ", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private Task PutAsync(string name, byte[] bytes) => demo.House.Storage.WriteBytesAsync(Containers.Videos, name, bytes, "video/mp4");
}
