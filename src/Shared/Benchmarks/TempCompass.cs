namespace Tpo.Shared.Benchmarks;

/// <summary>
/// TempCompass (arXiv 2403.00476; github.com/llyx97/TempCompass, read at e1b4631): four tasks over five dimensions of time. Answers that the rules of
/// <see cref="TempCompassRules"/> cannot match go to a judge, and captions always do. The judge's prompt for the three matching tasks is the
/// authors', the one for captions is this project's own. Where no judge is asked, captions stay unjudged, and there is no overall figure.
/// </summary>
public static class TempCompass
{
    public const string MultiChoice = "multi-choice", YesNo = "yes_no", CaptionMatching = "caption_matching", Captioning = "captioning";
    public const string Protocol = "TempCompass, official (e1b4631), rules, then a judge";

    /// <summary>Enough for a caption; the authors leave it to each model.</summary>
    public const int MaxNewTokens = 128;

    private const string Meta = "meta_info";

    private static readonly string[] Tasks = [MultiChoice, YesNo, CaptionMatching, Captioning];
    private static readonly string[] Dimensions = ["action", "direction", "speed", "order", "attribute_change"];

    public static Benchmark Benchmark { get; } = new(
        "TempCompass", "tempcompass", "multi-choice.json, yes_no.json, caption_matching.json, captioning.json, and meta_info.json for the fine aspects", Load,
        [
            new(Protocol, MaxNewTokens, question => question.Prompt, (question, answer) => Read(question, answer, Reading.ForJudge), Figures) { Judge = TempCompassJudge.Rules },
            new("TempCompass, official (e1b4631), rules alone (disable_llm), unmatched counted as wrong", MaxNewTokens, question => question.Prompt,
                (question, answer) => Read(question, answer, Reading.Unparsed), Figures),
        ]);

    /// <summary>Reads the tasks' files together: a caption is judged by the first multiple-choice question of its video and dimension.</summary>
    public static BenchmarkFile Load(IReadOnlyList<AnnotationFile> files)
    {
        var problems = new List<string>();
        var aspects = files.Where(file => file.Stem == Meta).SelectMany(file => Aspects(file, problems)).ToDictionary();
        var questions = files.Where(file => file.Stem != Meta).SelectMany(file => Questions(file, aspects, problems)).ToList();
        var choices = questions.Where(question => question.Task == MultiChoice).GroupBy(Place).ToDictionary(same => same.Key, same => same.First());
        return BenchmarkFile.Join([new BenchmarkFile(
            [.. questions.Select(question => question.Task == Captioning && choices.TryGetValue(Place(question), out var choice)
                ? question with { Reference = $"{choice.Question}\n{choice.Gold}" } : question)], problems)]);
    }

    public static string Prompt(string task, string question) => question + task switch
    {
        YesNo => "\nPlease answer yes or no:",
        Captioning => "",
        _ => "\nPlease directly give the best option:",
    };

    private static (string Video, string Dimension) Place(BenchmarkQuestion question) => (question.VideoId, question.Groups[1].Name);

    private static IEnumerable<KeyValuePair<(string, string), string>> Aspects(AnnotationFile file, List<string> problems) =>
        from video in AnnotationRecords.Map(file.Text, file.Name, "videos", problems)
        from dimension in video.Record.Part("eval_dim")?.Fields() ?? []
        where dimension.Record.Has("type")
        select KeyValuePair.Create((video.Key, dimension.Name), dimension.Record.Text("type"));

    private static IEnumerable<BenchmarkQuestion> Questions(AnnotationFile file, Dictionary<(string, string), string> aspects, List<string> problems)
    {
        var task = file.Stem;
        if (!Tasks.Contains(task))
        {
            problems.Add($"{file.Name}: '{task}' is none of the tasks {string.Join(", ", Tasks)}, nor {Meta}.");
            yield break;
        }
        foreach (var (video, byDimension) in AnnotationRecords.Map(file.Text, file.Name, "videos", problems))
        {
            byDimension.Require(BlobPaths.IsSegment(video), "key", $"'{video}' is no name (letters, digits, '-', '_', '.', '@')");
            var isSound = byDimension.IsSound;
            foreach (var (dimension, list) in byDimension.Fields())
            {
                list.Require(Dimensions.Contains(dimension), "dimension", $"is '{dimension}', which is none of {string.Join(", ", Dimensions)}");
                isSound &= list.IsSound;
                foreach (var (index, record) in list.Items("question").Index())
                {
                    var (question, answer) = (record.Text("question"), record.Text("answer"));
                    var choices = TempCompassRules.Options(question);
                    record.Require(task != YesNo || answer is "yes" or "no", "answer", $"is '{answer}', not yes or no");
                    record.Require(task is not (MultiChoice or CaptionMatching) || choices.Contains(answer), "answer", $"is '{answer}', which is none of the options");
                    if (record.IsSound && isSound)
                        yield return new BenchmarkQuestion(
                            $"{task}_{video}_{dimension}_{index + 1}", video, $"{video}.mp4", question, Prompt(task, question),
                            task switch { YesNo => 2, Captioning => 0, _ => choices.Count }, answer,
                            [new("task", task), new("dimension", dimension), .. aspects.TryGetValue((video, dimension), out var aspect) ? [new("aspect", aspect)] : Array.Empty<QuestionGroup>()])
                        {
                            Task = task, Choices = task is MultiChoice or CaptionMatching ? choices : null,
                        };
                }
            }
        }
    }

    /// <summary>The rules on the trimmed answer without the end mark; captions are always judged.</summary>
    private static Reading Read(BenchmarkQuestion question, string answer, Reading unmatched)
    {
        var text = answer.Replace("</s>", "", StringComparison.Ordinal).Trim();
        return question.Task switch
        {
            MultiChoice => TempCompassRules.MultiChoice(text, question.Gold) is { } right ? Reading.Of(text, right) : unmatched,
            YesNo => TempCompassRules.YesNo(text) is { } word ? Reading.Of(word, question.Gold) : unmatched,
            CaptionMatching => TempCompassRules.Caption(text, question.Question, question.Gold) is { } right ? Reading.Of(text, right) : unmatched,
            _ => Reading.ForJudge,
        };
    }

    /// <summary>No script gives an overall figure: papers take the mean of the four tasks, or pool all questions.</summary>
    private static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored)
    {
        var tasks = Tasks.Select(task => (Task: task, Scored: scored.Where(each => each.Question.Task == task && each.Reading is not null).ToList())).ToList();
        var lacking = tasks.Where(task => task.Scored.Count == 0).Select(task => $"no {task.Task} answers")
            .Concat(tasks.Where(task => task.Scored.Any(each => each.Reading!.Credit is null)).Select(task => $"{task.Task} answers without a judge")).ToList();
        var why = lacking.Count == 0 ? null : string.Join(", ", lacking);
        return
        [
            new("mean of the four tasks", why is null ? Tally.MeanOfGroups(scored, "task") : null, why),
            new("accuracy over all questions", why is null ? Tally.Pooled(scored) : null, why),
            .. tasks.Select(task => task.Scored.Any(each => each.Reading!.Credit is null)
                ? new ScoreFigure(task.Task, null, $"{task.Scored.Count(each => each.Reading!.Credit is null)} of {task.Scored.Count} answers without a judge")
                : new ScoreFigure(task.Task, Tally.Pooled(task.Scored))),
        ];
    }
}
