using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Verify.Benchmarks;

internal static class TvBenchCases
{
    public static IReadOnlyDictionary<string, Func<GoldenCase, IEnumerable<Finding>>> All { get; } = new Dictionary<string, Func<GoldenCase, IEnumerable<Finding>>>
    {
        ["official_check"] = MvBenchCases.OfficialCheck,
        ["rrpo_check"] = golden => golden.EachAnswer((answer, right) =>
            GoldenCase.Same(answer, right.GetBoolean(), TvBench.FirstLetter(answer) == golden.Annotations.GetProperty("gold").GetString()![1..2])),
        ["lmms_gold_letter"] = golden => golden.Annotations.EnumerateArray().Zip(golden.Expected.EnumerateArray()).SelectMany(each =>
        {
            var (candidates, answer) = (GoldenCase.Texts(each.First.GetProperty("candidates")), each.First.GetProperty("answer").GetString()!);
            var byText = TvBench.IndexByText(candidates, answer) is >= 0 and var index ? ((char)('A' + index)).ToString() : null;
            return new[]
            {
                GoldenCase.Same($"'{answer}'", each.Second.GetProperty("lmms_eval").GetString(), TvBench.HarnessGold(candidates, answer)),
                GoldenCase.Same($"'{answer}' by text", GoldenCase.Text(each.Second.GetProperty("correct_by_text")), byText),
            };
        }),
        ["lmms_prompt"] = golden => [GoldenCase.Same("prompt", golden.Expected.GetString(), TvBench.Prompt(
            golden.Annotations.GetProperty("question").GetString()!, GoldenCase.Texts(golden.Annotations.GetProperty("candidates"))))],
    };
}
