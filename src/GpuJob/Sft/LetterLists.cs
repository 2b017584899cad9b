using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Sft;

/// <summary>Samples without pictures that teach how an option finds its letter.</summary>
public static class LetterLists
{
    /// <summary>A list of options in one of the four forms; first the letters of all four, in another order, then some of them alone.</summary>
    public static SftSample Of(StepPart part, IReadOnlyList<Sight> shown, WorldRandom random)
    {
        var easy = part.View == SampleView.Letters;
        var asked = OpenQuestions.About(shown).Where(question => easy ? IsOneWord(question.Kind) : ChoiceQuestions.HasChoices(question.Kind)).ToList();
        // Where everything in the video comes twice, nothing in it can be asked for; dots can be counted all the same.
        var open = asked.Count > 0 ? random.Pick(asked) : new OpenQuestion(QuestionKind.Dots, "", "", 0, 0);
        var choice = ChoiceQuestions.From(open, shown, random.Below(ChoiceQuestions.Options), random);
        var format = easy ? ChoiceFormat.LongVideoBench : random.Pick(ChoicePrompts.Formats);
        (string Text, char Letter)[] options = random.Shuffled(choice.Candidates.Select((text, i) => (text, (char)('A' + i))));
        var all = new SftQuestion(open.Kind, "letters", SceneLanguage.LettersOfAll, string.Join(", ", options.Select(option => $"{option.Text} {option.Letter}")));
        return new SftSample([], [all, .. options.Take(part.Questions).Select(option =>
            new SftQuestion(open.Kind, format.ToString(), SceneLanguage.WhichIs(option.Text), $"{option.Letter}"))])
        {
            Story = ChoicePrompts.Options(format, choice),
        };
    }

    private static bool IsOneWord(QuestionKind kind) => kind is QuestionKind.Colour or QuestionKind.Place or QuestionKind.Dots or QuestionKind.Word;
}
