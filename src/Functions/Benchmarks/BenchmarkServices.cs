using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Tpo.Functions.Curation;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Benchmarks;

internal static class BenchmarkServices
{
    public static IServiceCollection AddTpoBenchmarks(this IServiceCollection services) => services
        .AddSingleton<BenchmarkSuites>()
        .AddSingleton(provider => new BenchmarkModels(
            provider.GetRequiredService<TpoStorage>(), provider.GetRequiredService<ModelHost>(), provider.GetRequiredService<FrameExtractor>(),
            RemoteModelServices.Seeing(provider, RemoteModelServices.Benchmark, provider.GetRequiredService<TpoSettings>().Models.Benchmark)))
        .AddSingleton<BenchmarkRules>()
        .AddSingleton<BenchmarkPlanner>()
        .AddSingleton<BenchmarkAnswerer>()
        .AddSingleton<BenchmarkRuns>()
        .AddSingleton<BenchmarkGroups>()
        .AddSingleton(provider => new BenchmarkScoring(
            provider.GetRequiredService<TpoStorage>(), provider.GetRequiredService<BenchmarkRuns>(),
            provider.GetKeyedService<IChatClient>(CurationServices.TextModel) is { } client
                ? new ChatBenchmarkJudge(client, provider.GetRequiredService<TpoSettings>().Models.Text.Model) : null))
        .AddSingleton<Gates>();
}
