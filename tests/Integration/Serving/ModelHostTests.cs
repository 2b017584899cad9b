using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Integration.Serving;

/// <summary>Models come out of storage once, whole and checked.</summary>
public sealed class ModelHostTests : IAsyncLifetime
{
    private static readonly Lazy<Task<string>> Account = new(SharedAzurite.TakeConnectionStringAsync);
    private readonly TemporaryFolder _work = new();
    private readonly RandomCheckpoint _checkpoint = new();
    private TpoStorage _storage = null!;

    public async Task InitializeAsync()
    {
        _storage = TpoStorage.FromConnectionString(await Account.Value);
        await _storage.EnsureContainersAsync();
    }

    public Task DisposeAsync()
    {
        _work.Dispose();
        _checkpoint.Dispose();
        return Task.CompletedTask;
    }

    private ModelHost NewHost() => new(_storage, new TpoSettings { WorkFolder = _work.Path });

    [Fact]
    public async Task A_model_is_fetched_once_and_answers_as_it_did_where_it_was_made()
    {
        await RegisterAsync("tiny", WeightFiles.Revision(_checkpoint.Folder));
        using var host = NewHost();
        var uses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => host.UseAsync("tiny")));
        VideoLanguageModel[] models = [.. uses.Select(use => use.Model)];
        Assert.All(models, model => Assert.Same(models[0], model));
        Assert.Equal(WeightFiles.Revision(_checkpoint.Folder), models[0].Revision);

        using var original = VideoLanguageModel.Load(_checkpoint.Folder, "tiny");
        var frames = RandomCheckpoint.Frames(3);
        var options = new GenerationOptions(8);
        var expected = (await original.AnswerAsync(frames, ["What is shown first?"], options))[0].Text;
        Assert.Equal(expected, (await models[0].AnswerAsync(frames, ["What is shown first?"], options))[0].Text);

        var folder = Assert.Single(Directory.GetDirectories(Path.Combine(_work.Path, "models", "tiny")));
        Assert.Equal(models[0].Revision, Path.GetFileName(folder));
        await _storage.Container(Containers.Models).DeleteBlobAsync("tiny/model.safetensors");
        using var second = NewHost();
        Assert.Equal(models[0].Revision, (await second.UseAsync("tiny")).Model.Revision);
    }

    [Fact]
    public async Task A_kept_copy_with_graphs_of_an_older_build_is_fetched_again()
    {
        await RegisterAsync("kept", WeightFiles.Revision(_checkpoint.Folder));
        using (var host = NewHost())
            await host.UseAsync("kept");
        var manifest = Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(_work.Path, "models", "kept"))), OnnxGraphs.Folder, ServingManifest.FileName);
        File.Delete(manifest);
        using (var host = NewHost())
            Assert.Equal("kept", (await host.UseAsync("kept")).Model.ModelId);
        Assert.True(File.Exists(manifest));

        // Where storage has no newer graphs either, that is what is said.
        File.Delete(manifest);
        await _storage.Container(Containers.Models).DeleteBlobAsync($"kept/{OnnxGraphs.Folder}/{ServingManifest.FileName}");
        using var last = NewHost();
        Assert.Contains("Export it again", (await Assert.ThrowsAsync<StaleExportException>(() => last.UseAsync("kept"))).Message);
    }

    [Fact]
    public async Task Damaged_weights_are_refused_and_leave_nothing_behind()
    {
        await RegisterAsync("damaged", new string('0', 64));
        using var host = NewHost();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => host.UseAsync("damaged"));
        Assert.Contains("damaged or half written", error.Message);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_work.Path, "models", "damaged")));

        await RegisterAsync("damaged", WeightFiles.Revision(_checkpoint.Folder));
        Assert.Equal("damaged", (await host.UseAsync("damaged")).Model.ModelId);
    }

    [Fact]
    public async Task A_model_that_is_unknown_or_not_exported_is_refused_with_a_sentence()
    {
        using var host = NewHost();
        Assert.Contains("not registered", (await Assert.ThrowsAsync<FileNotFoundException>(() => host.UseAsync("absent"))).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => host.UseAsync("../videos"));
        await RegisterAsync("raw", WeightFiles.Revision(_checkpoint.Folder));
        await _storage.Container(Containers.Models).DeleteBlobAsync("raw/onnx/decoder.onnx");
        Assert.Contains("onnx/decoder.onnx", (await Assert.ThrowsAsync<FileNotFoundException>(() => host.UseAsync("raw"))).Message);
    }

    private async Task RegisterAsync(string modelId, string revision)
    {
        foreach (var file in Directory.GetFiles(_checkpoint.Folder, "*", SearchOption.AllDirectories))
            await _storage.UploadFileAsync(Containers.Models, $"{modelId}/{Path.GetRelativePath(_checkpoint.Folder, file)}", file);
        await _storage.WriteJsonAsync(Containers.Models, $"{modelId}/model.json", new ModelCard { ModelId = modelId, Revision = revision });
    }
}
