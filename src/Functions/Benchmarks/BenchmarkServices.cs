using Microsoft.Extensions.DependencyInjection;
using Tpo.Shared.Benchmarks;

namespace Tpo.Functions.Benchmarks;

internal static class BenchmarkServices
{
    public static IServiceCollection AddTpoBenchmarks(this IServiceCollection services) => services
        .AddSingleton<BenchmarkSuites>()
        .AddSingleton<BenchmarkRules>()
        .AddSingleton<BenchmarkPlanner>()
        .AddSingleton<BenchmarkAnswerer>()
        .AddSingleton<BenchmarkRuns>()
        .AddSingleton<Gates>();
}
