namespace Tpo.Shared.Benchmarks;

/// <summary>VidHalluc's figures: each task's, and the averages that papers give.</summary>
internal static class VidHallucFigures
{
    public static IReadOnlyList<ScoreFigure> Of(IReadOnlyList<ScoredQuestion> scored, Func<string, string, double>? cosine)
    {
        List<ScoredQuestion> Task(string task) => [.. scored.Where(each => each.Question.Task == task)];
        var (binary, choice, order) = (Tally.Pooled(Task(VidHalluc.BinaryQa)), Tally.Pooled(Task(VidHalluc.Choice)), Tally.Pooled(Task(VidHalluc.Order)));
        var scenes = VidHallucScenes.Figures(Task(VidHalluc.Scenes), cosine);
        var overall = scenes[^1];
        return
        [
            .. VidHalluc.Averages(binary, choice, overall.Value, order).Select(figure => figure.Value is null ? figure with { Why = overall.Why ?? "a task has no answer" } : figure),
            new("BQA (all clips of a question right)", binary), new("MCQ", choice), new("TSH", order), .. scenes,
        ];
    }
}
