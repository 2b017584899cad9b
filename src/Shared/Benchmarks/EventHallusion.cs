namespace Tpo.Shared.Benchmarks;

/// <summary>
/// EventHallusion (arXiv 2409.16597; github.com/Stevetich/EventHallusion, read at 7396e04): yes-or-no questions, all of one answer within a split, so the
/// splits are always told apart; and a description of each video that only a judge can compare. The judge's prompt is this project's own. An answer that
/// begins neither with yes nor with no (a blank before it is enough) is unparsed, wrong, and counted.
/// </summary>
public static class EventHallusion
{
    public const string Protocol = "EventHallusion, official (eval.py 7396e04), descriptions by a judge with this project's prompt (2026-11)";
    public const int MaxNewTokens = 1024;
    public const string DescriptionPrompt = "Please describe this video in detail.";

    private const string Binary = "binary", Description = "description", Ending = "_questions";

    private static readonly string[] Splits = ["entire", "interleave", "misleading"];

    public static Benchmark Benchmark { get; } = new(
        "EventHallusion", "eventhallusion", "entire_questions.json, interleave_questions.json, misleading_questions.json",
        files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [
            new(Protocol, MaxNewTokens, question => question.Prompt, Read, Figures)
            {
                Judge = new("descriptions of videos; prompt of this project (2026-11)", Ask,
                    (_, words) => Verdict(words) is { } verdict ? new Reading(verdict, verdict == "yes" ? 1 : 0) : Reading.ForJudge),
            },
        ]);

    /// <summary>Reads one split's file. A video's questions are called "{id}_{number}", its description "{id}_description".</summary>
    public static BenchmarkFile Load(string json, string file)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        var split = stem.EndsWith(Ending, StringComparison.Ordinal) ? stem[..^Ending.Length] : stem;
        if (!Splits.Contains(split))
            return new BenchmarkFile([], [$"{file}: '{split}' is none of the splits {string.Join(", ", Splits)}."]);
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in AnnotationRecords.List(json, file, problems))
        {
            var (id, category) = (record.Text("id"), record.Text("category"));
            var truth = record.Part("event_info")?.Text(split == "interleave" ? "unexpected" : "caption") ?? "";
            record.Require(ids.Add(id), "id", "stands in an earlier record too");
            record.Require(BlobPaths.IsSegment(id), "id", $"'{id}' is no name (letters, digits, '-', '_', '.', '@')");
            IReadOnlyList<QuestionGroup> groups = [new("split", split), new("category", category)];
            var isSound = record.IsSound;
            foreach (var (index, part) in record.Records("questions", "question", "id").Index())
            {
                var (question, answer, type) = (part.Text("question"), part.Text("answer"), part.Text("type"));
                part.Require(answer is "Yes." or "No.", "answer", $"is '{answer}', not 'Yes.' or 'No.'");
                part.Require(type == "hallucination", "type", $"is '{type}', not hallucination");
                if (isSound && part.IsSound)
                    questions.Add(new BenchmarkQuestion($"{id}_{index + 1}", id, $"{split}/{id}.mp4", question, Prompt(question), 2, answer, groups) { Task = Binary });
            }
            if (isSound)
                questions.Add(new BenchmarkQuestion(
                    $"{id}_{Description}", id, $"{split}/{id}.mp4", DescriptionPrompt, DescriptionPrompt, 0, truth, [new($"{Description}, split", split)]) { Task = Description });
        }
        return new BenchmarkFile(questions, problems);
    }

    public static string Prompt(string question) => question + "\nPlease answer yes or no:";

    /// <summary>"Yes." or "No." by how the answer begins; null otherwise. "Nothing unusual" is a no.</summary>
    public static string? Parse(string answer) => TempCompassRules.YesNo(answer) switch { "yes" => "Yes.", "no" => "No.", _ => null };

    /// <summary>"yes" or "no" by how the judge's words begin, asterisks aside; null otherwise.</summary>
    public static string? Verdict(string words) => TempCompassRules.YesNo(words.Replace("*", "", StringComparison.Ordinal));

    private static Reading Read(BenchmarkQuestion question, string answer) =>
        question.Task == Description ? Reading.ForJudge : Reading.Of(Parse(answer), question.Gold);

    private static JudgeRequest Ask(BenchmarkQuestion question, string answer) => new(
        "You check descriptions of videos. Begin your reply with 'Yes' or 'No'.",
        $"What happens in the video:\n{question.Gold}\n\nA description of the video:\n{answer}\n\nDoes the description tell what happens, without contradicting it?");

    private static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored)
    {
        var (binary, described) = (Of(Binary), Of(Description));
        var unjudged = described.Count(each => each.Reading is { Credit: null });
        return
        [
            new("accuracy over the yes-or-no questions", Tally.Pooled(binary)),
            .. Tally.By(binary, "split").Select(split => new ScoreFigure($"accuracy, {split.Name}", split.Value)),
            unjudged > 0 ? new("descriptions that match", null, $"{unjudged} of {described.Count(each => each.Reading is not null)} descriptions without a judge")
                : new("descriptions that match", Tally.Pooled(described)),
        ];

        List<ScoredQuestion> Of(string task) => [.. scored.Where(each => each.Question.Task == task)];
    }
}
