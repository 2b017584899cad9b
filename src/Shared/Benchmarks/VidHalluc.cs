namespace Tpo.Shared.Benchmarks;

/// <summary>
/// VidHalluc (arXiv 2412.03735; github.com/CyL97/VidHalluc, read at e753864), four tasks: yes-or-no questions about several clips, right where all clips
/// are (BQA); choices of one or more letters (MCQ); the order of two actions (TSH, <see cref="VidHallucOrder"/>); changes of scene (STH,
/// <see cref="VidHallucScenes"/>), whose locations need a model of text similarity.
/// </summary>
public static class VidHalluc
{
    public const string BinaryQa = "ach_binaryqa", Choice = "ach_mcq", Order = "tsh", Scenes = "sth";
    public const string Protocol = "VidHalluc, official (e753864)";
    public const int MaxNewTokens = 1024;

    private const string ScenePrompt =
        "Watch the given video and determine if a scene change occurs. If no change occurs, respond: 'Scene change: No, Locations: None'. "
        + "If there is a scene change, respond in the format: 'Scene change: Yes, Locations: from [location1] to [location2].'";

    public static Benchmark Benchmark { get; } = new(
        "VidHalluc", "vidhalluc", "ach_binaryqa.json, ach_mcq.json, tsh.json, sth.json", files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [WithSimilarity(null)]);

    /// <param name="cosine">similarity of a location said and the true one, -1 to 1, of the sentence model that the paper uses; null = there is none here</param>
    public static BenchmarkProtocol WithSimilarity(Func<string, string, double>? cosine) =>
        new(Protocol, MaxNewTokens, question => question.Prompt, Read, scored => VidHallucFigures.Of(scored, cosine));

    /// <summary>The averages that papers give: of all four tasks, and without TSH, which RRPO's repository does not run.</summary>
    public static IReadOnlyList<ScoreFigure> Averages(double? binary, double? choice, double? scenes, double? order) =>
        [new("mean of BQA, MCQ, STH and TSH", (binary + choice + scenes + order) / 4), new("mean of BQA, MCQ and STH", (binary + choice + scenes) / 3)];

    /// <summary>Reads one task's file; its stem names the task. Clips are named without the folder of their archive, so that is not part of the path.</summary>
    public static BenchmarkFile Load(string json, string file)
    {
        var problems = new List<string>();
        IEnumerable<BenchmarkQuestion>? questions = Path.GetFileNameWithoutExtension(file) switch
        {
            BinaryQa => AnnotationRecords.Map(json, file, "questions", problems).SelectMany(each => BinaryQuestions(each.Key, each.Record)),
            Choice => AnnotationRecords.Map(json, file, "questions", problems).SelectMany(each => each.Record.Fields().Select(clip => ChoiceQuestion(each.Key, clip.Name, clip.Record))).OfType<BenchmarkQuestion>(),
            Order => AnnotationRecords.Map(json, file, "questions", problems).Select(each => OrderQuestion(each.Key, each.Record)).OfType<BenchmarkQuestion>(),
            Scenes => AnnotationRecords.Map(json, file, "videos", problems).Select(each => SceneQuestion(each.Key, each.Record)).OfType<BenchmarkQuestion>(),
            var stem => Refused($"{file}: '{stem}' is none of the tasks {BinaryQa}, {Choice}, {Order}, {Scenes}."),
        };
        return new BenchmarkFile([.. questions], problems);

        IEnumerable<BenchmarkQuestion> Refused(string problem)
        {
            problems.Add(problem);
            return [];
        }
    }

    /// <summary>A yes-or-no answer: what stands before the first full stop and the first comma, in capitals.</summary>
    public static string Word(string answer) => answer.Trim().Split('.')[0].Split(',')[0].Trim().ToUpperInvariant();

    /// <summary>The single capitals A-D in order, else the first choice whose text the answer holds; null where there is none.</summary>
    public static string? Letters(string answer, IReadOnlyList<string> choices)
    {
        var letters = VidHallucOrder.SingleCapitals(answer);
        return letters.Length > 0 ? letters
            : choices.ToList().FindIndex(choice => answer.Contains(choice, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index ? OptionLetters.Of(index) : null;
    }

    private static Reading Read(BenchmarkQuestion question, string answer) => question.Task switch
    {
        BinaryQa => Word(answer) is ("YES" or "NO") and var word ? Reading.Of(word, question.Gold.ToUpperInvariant()) : Reading.Unparsed,
        Choice => Reading.Of(Letters(answer, question.Choices!), question.Gold),
        Order => VidHallucOrder.Parse(answer) is var order && order == VidHallucOrder.None ? Reading.Unparsed : Reading.Of(order, question.Gold),
        _ => VidHallucScenes.Read(question, answer),
    };

    private static IEnumerable<BenchmarkQuestion> BinaryQuestions(string key, AnnotationRecord record)
    {
        foreach (var (index, item) in record.Items("question").Index())
        {
            var (question, clips) = (item.Text("q"), item.Part("a")?.Fields().ToList() ?? []);
            item.Require(clips.Count > 0, "a", "names no clip");
            foreach (var (clip, _) in clips)
            {
                var gold = item.Part("a")!.Text(clip);
                item.Require(gold is "Yes" or "No", "a", $"says '{gold}' of '{clip}', not Yes or No");
                if (IsClip(item, clip))
                    yield return new BenchmarkQuestion(
                        $"{BinaryQa}_{key}_{index}_{clip}", clip, $"{clip}.mp4", question, $"{question} Only answer with a single word 'Yes' or 'No'.", 2, gold,
                        [new("task", BinaryQa)]) { Task = BinaryQa, Unit = $"{BinaryQa}_{key}_{index}" };
            }
        }
    }

    private static BenchmarkQuestion? ChoiceQuestion(string key, string clip, AnnotationRecord record)
    {
        var (question, gold) = (record.Text("Question"), record.Text("Correct Answer"));
        var choices = record.Part("Choices") is { } part ? part.Fields().Select(choice => (choice.Name, Text: part.Text(choice.Name))).ToList() : [];
        record.Require(choices.Select(choice => choice.Name).SequenceEqual("ABCD".Take(choices.Count).Select(letter => $"{letter}")) && choices.Count >= 2, "Choices", "must be A, B and so on, two to four");
        record.Require(gold.Length > 0 && gold.All(letter => letter - 'A' is >= 0 and < 4 && letter - 'A' < choices.Count), "Correct Answer", $"is '{gold}', not letters of the choices");
        return !IsClip(record, clip) ? null : new BenchmarkQuestion(
            $"{Choice}_{key}_{clip}", clip, $"{clip}.mp4", question,
            $"{question} Please select the correct answer (one or more options), only return your answer(s). (e.g., ABCD)\nChoices:{OptionLetters.Dotted(choices.Select(choice => choice.Text))}\n",
            choices.Count, string.Concat(gold.Order()), [new("task", Choice)])
        {
            Task = Choice, Choices = [.. choices.Select(choice => choice.Text)],
        };
    }

    private static BenchmarkQuestion? OrderQuestion(string key, AnnotationRecord record)
    {
        var (video, question, gold) = (record.Text("video"), record.Text("Question"), record.Text("Correct Answer"));
        record.Require(gold is "A" or "B" or "AB" or "BA", "Correct Answer", $"is '{gold}', not A, B, AB or BA");
        return !IsClip(record, video) ? null : new BenchmarkQuestion(
            $"{Order}_{key}", video, $"{video}.mp4", question,
            question + "Sort these two actions in the order they occur in the video, and return which action happen before which one. If you only detect one action, return that action.",
            0, gold, [new("task", Order)]) { Task = Order };
    }

    private static BenchmarkQuestion? SceneQuestion(string video, AnnotationRecord record)
    {
        var (change, locations) = (record.Text("Scene change"), record.Text("Locations"));
        record.Require(change is "Yes" or "No", "Scene change", $"is '{change}', not Yes or No");
        record.Require(change != "Yes" || VidHallucScenes.Locations(locations) is not null, "Locations", $"is '{locations}', not 'from X to Y.'");
        return !IsClip(record, video) ? null : new BenchmarkQuestion($"{Scenes}_{video}", video, $"{video}.mp4", ScenePrompt, ScenePrompt, 0, change, [new("task", Scenes)])
        {
            Task = Scenes, Reference = locations,
        };
    }

    private static bool IsClip(AnnotationRecord record, string clip)
    {
        record.Require(BlobPaths.IsSegment(clip), "key", $"'{clip}' is no clip's name (letters, digits, '-', '_', '.', '@')");
        return record.IsSound;
    }
}
