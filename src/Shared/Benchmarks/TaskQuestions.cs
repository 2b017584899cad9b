using Tpo.Shared.Media;

namespace Tpo.Shared.Benchmarks;

/// <summary>The files that MVBench and TVBench share the form of: one a task, each a list of `video`, `question`, `candidates`, `answer`, some with `start` and `end`.</summary>
internal static class TaskQuestions
{
    /// <param name="folders">the known tasks, and where their videos lie</param>
    /// <param name="indexOf">which candidate the answer is; below 0 = none</param>
    public static BenchmarkFile Load(
        string json, string file, IReadOnlyDictionary<string, string> folders, Func<string, IReadOnlyList<string>, string> prompt,
        Func<IReadOnlyList<string>, string, int> indexOf)
    {
        var task = Path.GetFileNameWithoutExtension(file);
        if (!folders.TryGetValue(task, out var folder))
            return new BenchmarkFile([], [$"{file}: '{task}' is none of the tasks {string.Join(", ", folders.Keys)}."]);
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        foreach (var (index, record) in AnnotationRecords.List(json, file, problems, "video").Index())
        {
            var (video, question, candidates, answer) = (record.Text("video"), record.Text("question"), record.Texts("candidates"), record.Text("answer"));
            var (start, end) = (record.OptionalNumber("start"), record.OptionalNumber("end"));
            var gold = indexOf(candidates, answer);
            record.Require(candidates.Count is >= 1 and <= 5, "candidates", $"has {candidates.Count} texts, not 1 to 5");
            record.Require(gold >= 0, "answer", $"is '{answer}', which is none of the candidates");
            record.Require(start is null == end is null, "end", "must be there where 'start' is, and only there");
            record.Require(start is null || start < end, "end", $"is {end}, not behind the start {start}");
            record.Require(BlobPaths.IsPath(video), "video", $"'{video}' is no path inside the task's folder");
            if (record.IsSound)
                questions.Add(new BenchmarkQuestion(
                    $"{task}_{index + 1}", $"{task}_{video.Replace('/', '_').Replace(' ', '_')}", $"{folder}/{video}", question, prompt(question, candidates), candidates.Count,
                    OptionLetters.Of(gold), [new("task", task)])
                {
                    Choices = candidates, Part = start is null ? null : new TimeSpanSeconds(start.Value, end!.Value),
                });
        }
        return new BenchmarkFile(questions, problems);
    }
}
