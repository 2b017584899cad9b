using System.Diagnostics;
using Azure.Storage.Blobs.Specialized;
using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Integration.Training;

/// <summary>The training job as a process against real storage: it ends well, it survives its own death, and it says why it cannot go on.</summary>
public sealed class TrainingJobTests(TrainingStage stage) : IClassFixture<TrainingStage>
{
    [Fact]
    public async Task A_run_leaves_metrics_a_result_and_a_tuned_model_that_loads()
    {
        var runId = await stage.RequestAsync(request => request);
        Assert.Equal(0, await stage.RunAsync(runId));

        var metrics = await stage.MetricsAsync(runId);
        Assert.Equal(Enumerable.Range(0, 6), metrics.Select(row => row.Step));
        Assert.Equal(Math.Log(2), metrics[0].DpoLoss, 1e-6);
        Assert.True(metrics[^1].Margin > 0);
        Assert.All(metrics, row => Assert.True(row is { LogProbChosen: < 0, LogProbRejected: < 0, TokensPerSecond: > 0, MemoryMegabytes: > 50 }));
        var first = (await stage.Storage.TryReadTextAsync(Containers.Training, TrainingBlobs.Metrics(runId)))!.Split('\n')[0];
        Assert.All(new[] { "rewards/chosen", "rewards/margins", "rewards/accuracies", "logps/rejected", "grad_norm" }, name => Assert.Contains($"\"{name}\":", first));
        Assert.True(await stage.Storage.ExistsAsync(Containers.Training, TrainingBlobs.Events(runId)));
        var progress = await stage.ProgressAsync(runId);
        Assert.Equal((JobPhase.Succeeded, 6, 6), (progress.Phase, progress.Step, progress.Steps));

        var result = await stage.ResultAsync(runId);
        Assert.Equal(($"tiny-tpo-{runId}", "set/v1", 3, 6), (result.ModelId, result.Dataset, result.Pairs, result.Steps));
        Assert.NotEqual(result.BaseWeightsSha256, result.WeightsSha256);
        var card = await stage.Storage.ReadJsonAsync<ModelCard>(Containers.Models, $"{result.ModelId}/model.json");
        Assert.Equal((result.WeightsSha256, "tiny", runId), (card.Revision, card.BaseModel, card.TrainingRun));

        using var folder = new Unit.Serving.TemporaryFolder();
        foreach (var name in await stage.Storage.ListAsync(Containers.Models, result.ModelId + "/"))
            await stage.Storage.DownloadAsync(Containers.Models, name, Path.Combine(folder.Path, name[(result.ModelId.Length + 1)..]));
        using var model = Checkpoint.Load(folder.Path);
        Tokenizer.Load(folder.Path);
        Assert.Equal(result.WeightsSha256, WeightFiles.Revision(folder.Path));
        Assert.Contains("step 5: loss", await stage.Storage.TryReadTextAsync(Containers.Training, TrainingBlobs.Log(runId)));
        Assert.Equal(0, await stage.RunAsync(runId));
    }

    [Fact]
    public async Task A_run_killed_at_random_steps_and_one_that_is_stopped_end_as_the_undisturbed_one()
    {
        TrainingRequest Settings(TrainingRequest request) => request with { Steps = 40, SaveEvery = 3 };
        var undisturbed = await stage.RequestAsync(Settings);
        Assert.Equal(0, await stage.RunAsync(undisturbed));

        var disturbed = new Dictionary<string, int>();
        foreach (var step in Enumerable.Range(0, 3).Select(_ => Random.Shared.Next(1, 34)))
        {
            var killed = await stage.RequestAsync(Settings);
            disturbed[killed] = step;
            using var job = stage.Start(killed);
            await stage.AfterStepsAsync(killed, step);
            job.Kill();
            await job.WaitForExitAsync();
            Assert.Equal(137, job.ExitCode);
        }
        var stopped = await stage.RequestAsync(Settings);
        disturbed[stopped] = 5;
        using (var job = stage.Start(stopped))
        {
            await stage.AfterStepsAsync(stopped, 5);
            Process.Start("kill", ["-TERM", $"{job.Id}"]).WaitForExit();
            await job.WaitForExitAsync();
            Assert.Equal(143, job.ExitCode);
            Assert.Contains("goes on", (await stage.ProgressAsync(stopped)).Message);
        }

        var expected = await stage.ResultAsync(undisturbed);
        foreach (var (runId, step) in disturbed)
        {
            Assert.False(await stage.Storage.ExistsAsync(Containers.Training, TrainingBlobs.Result(runId)), $"The run ended before it was disturbed at step {step}.");
            Assert.Equal(0, await stage.RunAsync(runId));
            Assert.True(expected.WeightsSha256 == (await stage.ResultAsync(runId)).WeightsSha256, $"Disturbed at step {step}, the run ended with other weights.");
            Assert.Equal(Timeless(await stage.MetricsAsync(undisturbed)), Timeless(await stage.MetricsAsync(runId)));
        }
    }

    [Fact]
    public async Task All_that_saves_memory_together_is_resumed_exactly_too()
    {
        TrainingRequest Settings(TrainingRequest request) => request with
        {
            LoraRank = 2, TrainProjector = true, Recompute = true, ComputeType = ComputeType.Bfloat16, LabelMask = LabelMask.LongVa, Steps = 12, SaveEvery = 3, LearningRate = 1e-2,
        };
        var (runId, killed) = (await stage.RequestAsync(Settings), await stage.RequestAsync(Settings));
        Assert.Equal(0, await stage.RunAsync(runId));
        using (var job = stage.Start(killed))
        {
            await stage.AfterStepsAsync(killed, 4);
            job.Kill();
            await job.WaitForExitAsync();
        }
        Assert.Equal(0, await stage.RunAsync(killed));
        var (rows, result) = (await stage.MetricsAsync(runId), await stage.ResultAsync(runId));
        Assert.Equal(Timeless(rows), Timeless(await stage.MetricsAsync(killed)));
        Assert.Equal(result.WeightsSha256, (await stage.ResultAsync(killed)).WeightsSha256);
        Assert.Equal(Math.Log(2), rows[0].DpoLoss, 1e-6);
        Assert.True(rows[^1].DpoLoss < 0.9 * Math.Log(2), $"{rows[^1].DpoLoss}");
    }

    [Fact]
    public async Task Videos_are_looked_at_once_for_all_runs_of_a_base_model_and_again_where_their_features_are_gone()
    {
        TrainingRequest Settings(TrainingRequest request) => request with { FramesPerVideo = 5 };
        var before = stage.KeptFeatures();
        string[] Kept() => [.. stage.KeptFeatures().Except(before)];
        var first = await stage.RequestAsync(Settings);
        Assert.Equal(0, await stage.RunAsync(first));
        Assert.Equal(2, Kept().Length);

        var second = await stage.RequestAsync(Settings);
        foreach (var file in Kept())
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        Assert.Equal(0, await stage.RunAsync(second));
        Assert.All(Kept(), file => Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(file)));

        // No room for a second video: each step makes them again.
        foreach (var file in Kept())
            File.Delete(file);
        var third = await stage.RequestAsync(Settings);
        Assert.Equal(0, await stage.RunAsync(third, ("Tpo__FeatureCacheMegabytes", "0")));
        Assert.Single(Kept());
        var hashes = new[] { (await stage.ResultAsync(first)).WeightsSha256, (await stage.ResultAsync(second)).WeightsSha256, (await stage.ResultAsync(third)).WeightsSha256 };
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public async Task An_adapter_is_trained_resumed_worked_into_the_model_and_left_beside_it_as_peft_reads_it()
    {
        TrainingRequest Settings(TrainingRequest request) => request with { LoraRank = 2, LoraAlpha = 8, Steps = 12, SaveEvery = 3, LearningRate = 1e-2 };
        var (runId, stopped) = (await stage.RequestAsync(Settings), await stage.RequestAsync(Settings));
        Assert.Equal(0, await stage.RunAsync(runId));
        var metrics = await stage.MetricsAsync(runId);
        Assert.Equal(Math.Log(2), metrics[0].DpoLoss, 1e-6);
        Assert.True(metrics[^1].DpoLoss < 0.9 * Math.Log(2), $"{metrics[^1].DpoLoss}");
        using (var job = stage.Start(stopped))
        {
            await stage.AfterStepsAsync(stopped, 4);
            job.Kill();
            await job.WaitForExitAsync();
        }
        Assert.Equal(0, await stage.RunAsync(stopped));
        var result = await stage.ResultAsync(runId);
        Assert.Equal(result.WeightsSha256, (await stage.ResultAsync(stopped)).WeightsSha256);

        using var folder = new Unit.Serving.TemporaryFolder();
        var (tuned, start) = (Path.Combine(folder.Path, "tuned"), Path.Combine(folder.Path, "start"));
        await stage.Storage.DownloadFolderAsync(Containers.Models, $"{result.ModelId}/", tuned);
        await stage.Storage.DownloadFolderAsync(Containers.Models, "tiny/", start);
        using var merged = Checkpoint.Load(tuned);
        using var model = Checkpoint.Load(start);
        using var adapter = new LoraAdapter(model, rank: 2, alpha: 8);
        adapter.Load(Path.Combine(tuned, "adapter", "adapter_model.safetensors"));
        adapter.Merge();
        var (expected, found) = (Weights(model), Weights(merged));
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, weight => Assert.Equal(weight.Value, found[weight.Key]));
        var config = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(tuned, "adapter", "adapter_config.json")))!;
        Assert.Equal(("LORA", 2, 8.0), ((string)config["peft_type"]!, (int)config["r"]!, (double)config["lora_alpha"]!));
        Assert.All(adapter.Layers, layer => Assert.Matches($"^{config["target_modules"]}$", layer));
        Assert.DoesNotMatch($"^{config["target_modules"]}$", "model.vision_tower.vision_tower.vision_model.encoder.layers.0.self_attn.q_proj");

        static SortedDictionary<string, float[]> Weights(LlavaQwenForCausalLM model) =>
            new(model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().to_type(TorchSharp.torch.ScalarType.Float32).data<float>().ToArray()));
    }

    [Fact]
    public async Task A_video_that_cannot_be_read_takes_its_pairs_away_and_no_more_and_is_named()
    {
        await stage.Storage.WriteTextAsync(Containers.Videos, "broken.mp4", "no video", "video/mp4");
        var broken = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("no video"u8));
        var pairs = stage.Pairs.Append(stage.Pairs[0] with { PairId = "x", VideoId = broken, VideoBlob = "broken.mp4" }).Append(stage.Pairs[0] with { PairId = "y", VideoId = new string('0', 64), VideoBlob = "gone.mp4" });
        await stage.Storage.WriteJsonLinesAsync(Containers.Datasets, "partly/v1/pairs.jsonl", pairs);
        var (runId, without) = (await stage.RequestAsync(request => request with { Dataset = "partly/v1" }), await stage.RequestAsync(request => request));
        Assert.Equal((0, 0), (await stage.RunAsync(runId), await stage.RunAsync(without)));
        var result = await stage.ResultAsync(runId);
        Assert.Equal(["broken.mp4", "gone.mp4"], result.Skipped.Select(video => video.VideoBlob).Order());
        Assert.All(result.Skipped, video => Assert.Equal((1, '.'), (video.Pairs, video.Reason[^1])));
        Assert.Contains("no longer in storage", result.Skipped.Single(video => video.VideoBlob == "gone.mp4").Reason);
        Assert.Equal((3, (await stage.ResultAsync(without)).WeightsSha256), (result.Pairs, result.WeightsSha256));
    }

    [Fact]
    public async Task Held_out_pairs_are_scored_not_learnt_and_end_a_run_that_forgets_its_answers()
    {
        await stage.Storage.WriteJsonLinesAsync(Containers.Datasets, "split/v1/pairs.jsonl", stage.Pairs.Take(2));
        await stage.Storage.WriteJsonLinesAsync(Containers.Datasets, "split/v1/held-out.jsonl", stage.Pairs.Skip(2));
        var watched = await stage.RequestAsync(request => request with { Dataset = "split/v1", EvaluateEvery = 2 });
        var alone = await stage.RequestAsync(request => request with { Dataset = "split/v1" });
        Assert.Equal((0, 0), (await stage.RunAsync(watched), await stage.RunAsync(alone)));
        Assert.Equal((await stage.ResultAsync(alone)).WeightsSha256, (await stage.ResultAsync(watched)).WeightsSha256);
        var rows = await stage.MetricsAsync(watched);
        Assert.Equal([false, true, false, true, false, true], rows.Select(row => row.HeldOutAccuracy is not null));
        Assert.All(rows.Where(row => row.HeldOutMargin is not null), row => Assert.True(row is { HeldOutLogProbChosen: < 0, HeldOutAccuracy: 0 or 1 }));

        // Without the SFT term and at a wild rate the chosen answers become unlikely too.
        var wild = await stage.RequestAsync(request => request with { Dataset = "split/v1", EvaluateEvery = 1, MostChosenDrop = 0.001, SftWeight = 0, LearningRate = 0.05, Steps = 200, SaveEvery = 50 });
        Assert.Equal(0, await stage.RunAsync(wild));
        var result = await stage.ResultAsync(wild);
        Assert.Contains("mostChosenDrop", result.StoppedEarly);
        Assert.True(result.Steps < 200, $"{result.Steps}");
        Assert.Null((await stage.ResultAsync(watched)).StoppedEarly);
    }

    [Fact]
    public async Task A_second_start_says_that_the_run_is_already_running()
    {
        var runId = await stage.RequestAsync(request => request);
        var blob = stage.Storage.Container(Containers.Training).GetBlobClient(TrainingBlobs.Lease(runId));
        await blob.UploadAsync(BinaryData.FromString(""));
        await blob.GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(-1));
        Assert.Equal(3, await stage.RunAsync(runId));
        Assert.False(await stage.Storage.ExistsAsync(Containers.Training, TrainingBlobs.Progress(runId)));
    }

    [Fact]
    public async Task A_job_that_loses_its_lease_ends_and_writes_no_more()
    {
        var runId = await stage.RequestAsync(request => request with { Steps = 5000, SaveEvery = 5000 });
        using var job = stage.Start(runId);
        await stage.AfterStepsAsync(runId, 2);
        var lease = stage.Storage.Container(Containers.Training).GetBlobClient(TrainingBlobs.Lease(runId)).GetBlobLeaseClient();
        await lease.BreakAsync(TimeSpan.Zero);
        await lease.AcquireAsync(TimeSpan.FromSeconds(-1));
        await job.WaitForExitAsync();
        Assert.Equal(4, job.ExitCode);
        Assert.True((await stage.ProgressAsync(runId)).Phase is JobPhase.Starting or JobPhase.Running, "A job without its lease had a last word.");
        Assert.False(await stage.Storage.ExistsAsync(Containers.Training, TrainingBlobs.Checkpoint(runId, "newest.json")));
    }

    [Fact]
    public async Task A_cancelled_run_ends_quietly_between_two_steps()
    {
        var runId = await stage.RequestAsync(request => request with { Steps = 5000, SaveEvery = 5000 });
        using var job = stage.Start(runId);
        await stage.AfterStepsAsync(runId, 2);
        await stage.Storage.WriteTextAsync(Containers.Training, TrainingBlobs.CancelRequested(runId), "", "text/plain");
        await job.WaitForExitAsync();
        Assert.Equal(0, job.ExitCode);
        Assert.Equal(JobPhase.Cancelled, (await stage.ProgressAsync(runId)).Phase);
        Assert.False(await stage.Storage.ExistsAsync(Containers.Training, TrainingBlobs.Result(runId)));
    }

    [Theory]
    [InlineData("nowhere", "set/v1", "There is no model 'nowhere'")]
    [InlineData("tiny", "set/v9", "The dataset 'set/v9' has no pairs")]
    [InlineData("tiny", "swapped/v1", "is not the one its preference pairs were made from")]
    public async Task A_run_that_cannot_be_done_fails_with_a_sentence(string baseModel, string dataset, string sentence)
    {
        await stage.Storage.WriteJsonLinesAsync(Containers.Datasets, "swapped/v1/pairs.jsonl", [stage.Pairs[0] with { VideoBlob = stage.Pairs[2].VideoBlob }]);
        var runId = await stage.RequestAsync(request => request with { BaseModel = baseModel, Dataset = dataset });
        Assert.Equal(1, await stage.RunAsync(runId));
        var progress = await stage.ProgressAsync(runId);
        Assert.Equal(JobPhase.Failed, progress.Phase);
        Assert.Contains(sentence, progress.Message);
    }

    private static IEnumerable<TrainingMetrics> Timeless(IEnumerable<TrainingMetrics> rows) => rows.Select(row => row.WithoutCircumstances());
}
