using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>Loads text as a benchmark's file and scores answers by one of its protocols, as tests need it.</summary>
internal static class Scored
{
    public static BenchmarkFile Load(Benchmark benchmark, params (string Name, string Text)[] files) => benchmark.Load([.. files.Select(file => new AnnotationFile(file.Name, file.Text))]);

    /// <param name="answers">by the question's id</param>
    public static BenchmarkScore By(Benchmark benchmark, BenchmarkFile file, params (string Id, string Answer)[] answers) => By(benchmark, 0, file, null, answers);

    public static BenchmarkScore By(Benchmark benchmark, int protocol, BenchmarkFile file, Judgements? judged, params (string Id, string Answer)[] answers)
    {
        Assert.Empty(file.Problems);
        Assert.Empty(answers.Select(answer => answer.Id).Except(file.Questions.Select(question => question.Id)));
        return BenchmarkScorer.Score(benchmark, benchmark.Protocols[protocol], file.Questions, answers.ToDictionary(answer => answer.Id, answer => answer.Answer), judged);
    }

    public static double? Figure(this BenchmarkScore score, string name) => score.Figures.Single(figure => figure.Name == name).Value;
}
