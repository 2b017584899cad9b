using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class ChoiceBenchmarksTests
{
    [Fact]
    public void Each_benchmark_is_there_once_and_reads_an_answer_by_its_own_rule()
    {
        const string answer = "Best option: C";
        Assert.Equal(
            [("LongVideoBench", 32, "C"), ("MLVU", 16, null), ("Video-MME", 16, "B"), ("NExT-GQA", 16, "C")],
            ChoiceBenchmarks.All.Select(benchmark => (benchmark.Name, benchmark.MaxNewTokens, benchmark.Parse(answer, 4))));
        Assert.Equal(4, ChoiceBenchmarks.All.Select(benchmark => benchmark.Protocol).Distinct().Count());
    }
}
