using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

/// <summary>A four-option question; `Correct` counts from 0.</summary>
public sealed record ChoiceQuestion(OpenQuestion Open, IReadOnlyList<string> Candidates, int Correct)
{
    public string Letter => ((char)('A' + Correct)).ToString();
}

/// <summary>Makes four options of an open question: wrong ones from the same video as far as they go, so that presence alone never decides.</summary>
public static class ChoiceQuestions
{
    public const int Options = 4;

    /// <summary>Kinds that have a short answer to choose.</summary>
    public static bool HasChoices(QuestionKind kind) => kind is not (QuestionKind.Caption or QuestionKind.Clock or QuestionKind.List);

    /// <param name="offer">a text that is among the options in any case</param>
    /// <param name="avoid">a text that is not among the wrong options</param>
    public static ChoiceQuestion From(
        OpenQuestion open, IReadOnlyList<Sight> shown, int correct, WorldRandom random, string? offer = null, string? avoid = null)
    {
        var options = new List<string> { Text(open.Kind, shown[open.Subject]) };
        // Naming the thing that the question itself names would be an option that nobody takes.
        bool Fits(string text) => text != avoid && !open.Question.Contains(text, StringComparison.Ordinal);
        if (offer is not null)
            Add(options, [offer]);
        Add(options, random.Shuffled(shown.Select(sight => Text(open.Kind, sight))).Where(Fits));
        Add(options, Elsewhere(open.Kind, shown[open.Subject], random).Where(Fits));
        var wrong = new Queue<string>(random.Shuffled(options.Skip(1)));
        return new ChoiceQuestion(open, [.. Enumerable.Range(0, Options).Select(i => i == correct ? options[0] : wrong.Dequeue())], correct);
    }

    /// <summary>What an option says that means this event.</summary>
    public static string Text(QuestionKind kind, Sight sight) => kind switch
    {
        QuestionKind.Colour => sight.Fact.Colour,
        QuestionKind.Place => sight.Fact.Place,
        QuestionKind.Dots => sight.Number,
        QuestionKind.Word => sight.Word,
        QuestionKind.When => SceneLanguage.Clock(sight.Middle),
        _ => sight.Thing,
    };

    private static void Add(List<string> options, IEnumerable<string> more)
    {
        foreach (var text in more)
        {
            if (options.Count == Options)
                return;
            if (!options.Contains(text))
                options.Add(text);
        }
    }

    /// <summary>Options that the video does not show, in random order and enough of them.</summary>
    private static IEnumerable<string> Elsewhere(QuestionKind kind, Sight subject, WorldRandom random) => kind switch
    {
        QuestionKind.Colour => random.Shuffled(SceneLanguage.Colours),
        QuestionKind.Place => random.Shuffled(SceneLanguage.Places),
        QuestionKind.Dots => random.Shuffled(SceneLanguage.Numbers),
        QuestionKind.Word => random.Shuffled(SceneLanguage.Words),
        QuestionKind.When => OtherTimes(subject.Middle, random),
        _ => random.Shuffled(SceneLanguage.Colours.SelectMany(colour => SceneLanguage.Shapes.Select(shape => $"{colour} {shape}"))),
    };

    private static IEnumerable<string> OtherTimes(int middle, WorldRandom random)
    {
        for (var step = 6; ; step += 5)
            yield return SceneLanguage.Clock(random.Chance(0.5) && middle >= step ? middle - step - random.Below(5) % Math.Max(1, middle - step + 1) : middle + step + random.Below(5));
    }
}
