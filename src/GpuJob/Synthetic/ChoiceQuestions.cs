using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

/// <summary>A four-option question; `Correct` counts from 0.</summary>
public sealed record ChoiceQuestion(QuestionKind Kind, string Question, IReadOnlyList<string> Candidates, int Correct, int Subject)
{
    public string Letter => ((char)('A' + Correct)).ToString();

    /// <summary>The text that LongVideoBench's harness sends: question, lettered options, instruction.</summary>
    public string Prompt =>
        $"{Question}\n{string.Join('\n', Candidates.Select((text, i) => $"{(char)('A' + i)}. {text}"))}\n"
        + "Answer with the option's letter from the given choices directly.\n";
}

/// <summary>Makes four options of an open question: wrong ones from the same video as far as they go, so that presence alone never decides.</summary>
public static class ChoiceQuestions
{
    public const int Options = 4;

    /// <summary>Kinds that have a short answer to choose.</summary>
    public static bool HasChoices(QuestionKind kind) => kind is not (QuestionKind.Caption or QuestionKind.List);

    public static ChoiceQuestion From(OpenQuestion open, IReadOnlyList<SceneFact> shown, int correct, WorldRandom random)
    {
        var subject = shown[open.Subject];
        Func<SceneFact, string> word = open.Kind switch
        {
            QuestionKind.Colour => fact => fact.Colour,
            QuestionKind.Place => fact => fact.Place,
            _ => fact => fact.Thing,
        };
        var options = new List<string> { word(subject) };
        // Naming the thing that the question itself names would be an option that nobody takes.
        Add(options, random.Shuffled(shown).Select(word).Where(text => !open.Question.Contains(text, StringComparison.Ordinal)));
        Add(options, random.Shuffled(Everything(open.Kind)).Where(text => !open.Question.Contains(text, StringComparison.Ordinal)));
        var wrong = new Queue<string>(random.Shuffled(options.Skip(1)));
        var candidates = Enumerable.Range(0, Options).Select(i => i == correct ? options[0] : wrong.Dequeue()).ToArray();
        return new ChoiceQuestion(open.Kind, open.Question, candidates, correct, open.Subject);
    }

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

    private static IEnumerable<string> Everything(QuestionKind kind) => kind switch
    {
        QuestionKind.Colour => SceneLanguage.Colours,
        QuestionKind.Place => SceneLanguage.Places,
        _ => SceneLanguage.Colours.SelectMany(colour => SceneLanguage.Shapes.Select(shape => $"{colour} {shape}")),
    };
}
