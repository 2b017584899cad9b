using Microsoft.Azure.Functions.Worker;
using Tpo.Functions.Benchmarks;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;

namespace Tpo.Functions.Training;

/// <summary>The benchmark that follows a training: the tuned model against its base, on the first of the nightly suites.</summary>
public sealed class TunedBenchmark(TrainingRuns runs, BenchmarkRuns benchmarks, BenchmarkRules rules, TpoSettings settings)
{
    /// <returns>the benchmark run's id; null = there is none, and the training run says why</returns>
    [Function(nameof(PlanTunedBenchmark))]
    public async Task<string?> PlanTunedBenchmark([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(runId, cancellation);
        var request = new BenchmarkRequest { Suite = settings.TunedSuite, Models = [run.Result!.BaseModel, run.Result.ModelId] };
        var (resolved, errors) = await rules.ResolveAsync(request, cancellation);
        if (resolved is null)
        {
            await runs.PutAsync(run with { BenchmarkFailure = string.Join(' ', errors.Select(error => error.Sentence)) }, cancellation);
            return null;
        }
        var benchmark = await benchmarks.PutNewAsync($"bench-{runId}", request, resolved, cancellation);
        await runs.PutAsync(run with { Benchmark = benchmark.RunId }, cancellation);
        return benchmark.RunId;
    }

    [Function(nameof(RecordNoBenchmark))]
    public async Task RecordNoBenchmark([ActivityTrigger] RunFailure failure, CancellationToken cancellation) =>
        await runs.PutAsync(await runs.GetAsync(failure.RunId, cancellation) with { BenchmarkFailure = failure.Sentence }, cancellation);
}
