namespace Tpo.Shared.Benchmarks;

/// <summary>Scores answers by a protocol. Pure: answers and the judge's words in, figures out, so a better parser needs no new answers.</summary>
public static class BenchmarkScorer
{
    /// <param name="answers">by the question's id; a question without one is counted as missing</param>
    /// <param name="judgements">the judge's words by the question's id, of <see cref="BenchmarkJudging"/></param>
    public static BenchmarkScore Score(
        Benchmark benchmark, BenchmarkProtocol protocol, IReadOnlyList<BenchmarkQuestion> questions, IReadOnlyDictionary<string, string> answers,
        Judgements? judgements = null)
    {
        ScoredQuestion[] scored = [.. questions.Select(question => new ScoredQuestion(
            question, answers.TryGetValue(question.Id, out var answer) ? Read(protocol, question, answer, judgements) : null))];
        var read = scored.Select(each => each.Reading).OfType<Reading>().ToList();
        return new BenchmarkScore
        {
            Benchmark = benchmark.Name,
            Protocol = protocol.Name,
            Judge = judgements?.JudgeId,
            Figures = protocol.Aggregate(scored),
            Categories = Categories(scored),
            Questions = questions.Count,
            Missing = questions.Count - read.Count,
            Unparsed = read.Count(reading => reading is { Said: null, Credit: not null }),
            Unjudged = read.Count(reading => reading.Credit is null),
        };
    }

    /// <summary>What one answer counts: by the rules, else by the judge's words where there are any.</summary>
    public static Reading Read(BenchmarkProtocol protocol, BenchmarkQuestion question, string answer, Judgements? judgements)
    {
        var reading = protocol.Read(question, answer);
        return reading.Credit is null && protocol.Judge is { } judge && judgements?.Words.TryGetValue(question.Id, out var words) == true
            ? judge.Read(question, words) : reading;
    }

    private static IReadOnlyList<CategoryScore> Categories(IReadOnlyList<ScoredQuestion> scored) =>
    [
        .. Tally.Items(scored).SelectMany(item => item.Question.Groups.Select(name => (Name: name, Item: item)))
            .GroupBy(member => member.Name, member => member.Item)
            .OrderBy(members => members.Key.Kind, StringComparer.Ordinal).ThenBy(members => members.Key.Name.PadLeft(8), StringComparer.Ordinal)
            .Select(members => new CategoryScore(
                members.Key.Kind, members.Key.Name, Tally.Pooled(members), members.Count(), members.Count(item => item.IsUnparsed),
                members.Count(item => item.Credit is null))),
    ];
}
