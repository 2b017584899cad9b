namespace Tpo.Shared.Benchmarks;

/// <summary>One multiple-choice question as it is asked and scored, whichever benchmark it comes from.</summary>
/// <param name="VideoPath">path of the video inside the suite's `videos/` folder</param>
/// <param name="Options">how many letters are offered, A onwards</param>
/// <param name="Gold">the right letter</param>
/// <param name="Groups">what the question is counted under, by the kind of group: ("question_category", "S2E")</param>
public sealed record BenchmarkQuestion(
    string Id, string VideoId, string VideoPath, string Question, string Prompt, int Options, string Gold, IReadOnlyList<QuestionGroup> Groups);

public sealed record QuestionGroup(string Kind, string Name);

/// <summary>What a benchmark's annotation file holds.</summary>
/// <param name="Problems">what is malformed, each naming file, record and field; such records are not among the questions</param>
public sealed record BenchmarkFile(IReadOnlyList<BenchmarkQuestion> Questions, IReadOnlyList<string> Problems);
