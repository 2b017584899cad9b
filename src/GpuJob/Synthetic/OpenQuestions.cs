using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

public enum QuestionKind
{
    Caption, Clock, Colour, Place, Dots, Word, ShownWith, After, Before, First, Last, When, List,
}

/// <summary>
/// A question with its true answer. `Subject` is the index, among the events shown, of the one that the answer names; `Cue` that of the one
/// that the question names (where it names none, the subject again). The evidence is both.
/// </summary>
public sealed record OpenQuestion(QuestionKind Kind, string Question, string Answer, int Subject, int Cue);

/// <summary>
/// A question about everything shown: each event's cue, and the index of the event that answers it. Many look-ups an answer, which is how looking
/// up is learned.
/// </summary>
public sealed record EachQuestion(QuestionKind Kind, string Question, IReadOnlyList<(string Cue, int Subject)> Asked)
{
    /// <summary>Each cue with its answer: "red star left, blue ring top".</summary>
    public string Answer(IReadOnlyList<Sight> shown) => string.Join(", ", Asked.Select(one =>
        $"{one.Cue} {(Kind == QuestionKind.When ? SceneLanguage.Clock(shown[one.Subject].First) : ChoiceQuestions.Text(Kind, shown[one.Subject]))}"));

    /// <summary>The same with four options: each cue whose answer is among them, with its letter.</summary>
    public (ChoiceQuestion Choice, string Answer, IReadOnlyList<(string Cue, int Subject)> Asked) Lettered(IReadOnlyList<Sight> shown, WorldRandom random)
    {
        var subject = random.Pick(Asked).Subject;
        var choice = ChoiceQuestions.From(new OpenQuestion(Kind, Question, "", subject, subject), shown, random.Below(ChoiceQuestions.Options), random);
        var letters = choice.Candidates.Index().ToDictionary(option => option.Item, option => (char)('A' + option.Index));
        (string Cue, int Subject)[] offered = [.. Asked.Where(one => letters.ContainsKey(Text(one)))];
        return (choice, string.Join(", ", offered.Select(one => $"{one.Cue} {letters[Text(one)]}")), offered);

        string Text((string Cue, int Subject) one) => ChoiceQuestions.Text(Kind, shown[one.Subject]);
    }
}

/// <summary>Every open question of the world's language that the events shown, in order, answer without doubt.</summary>
public static class OpenQuestions
{
    public static IReadOnlyList<OpenQuestion> About(IReadOnlyList<Sight> shown)
    {
        var questions = new List<OpenQuestion>
        {
            new(QuestionKind.List, SceneLanguage.ListInOrder, SceneLanguage.ListAnswer(shown.Select(sight => sight.Thing)), 0, 0),
            new(QuestionKind.First, SceneLanguage.ShownFirst, SceneLanguage.ThingAnswer(shown[0].Thing), 0, 0),
            new(QuestionKind.Last, SceneLanguage.ShownLast, SceneLanguage.ThingAnswer(shown[^1].Thing), shown.Count - 1, shown.Count - 1),
        };
        for (var i = 0; i < shown.Count; i++)
            questions.AddRange(About(shown, i));
        return questions;
    }

    /// <summary>What one frame alone is asked: its caption first, then its clock.</summary>
    public static IReadOnlyList<OpenQuestion> AboutFrame(Sight sight) =>
    [
        new(QuestionKind.Caption, SceneLanguage.DescribeFrame, sight.Fact.Caption, 0, 0),
        new(QuestionKind.Clock, SceneLanguage.ReadClock, $"{SceneLanguage.Clock(sight.First)}.", 0, 0),
        .. About([sight], 0).Where(question => question.Kind != QuestionKind.When),
    ];

    /// <summary>Questions about everything shown at once, the events in random order.</summary>
    public static IReadOnlyList<EachQuestion> OfEach(IReadOnlyList<Sight> shown, WorldRandom random, bool colours = false)
    {
        int[] things = [.. Once(sight => sight.Thing)], words = [.. Once(sight => sight.Word)], shapes = [.. Once(sight => sight.Fact.Shape)];
        EachQuestion Ask(QuestionKind kind, string question, IEnumerable<int> cues, int step = 0) =>
            new(kind, question, [.. random.Shuffled(cues.Where(cue => cue + step >= 0 && cue + step < shown.Count))
                .Select(cue => (kind switch { QuestionKind.ShownWith => shown[cue].Word, QuestionKind.Colour => shown[cue].Fact.Shape, _ => shown[cue].Thing }, cue + step))]);
        EachQuestion[] all =
        [
            Ask(QuestionKind.Place, SceneLanguage.WhereIsEach, things), Ask(QuestionKind.Dots, SceneLanguage.DotsOfEach, things),
            Ask(QuestionKind.Word, SceneLanguage.WordOfEach, things), Ask(QuestionKind.When, SceneLanguage.WhenIsEach, things),
            Ask(QuestionKind.ShownWith, SceneLanguage.ShownWithEach, words),
            Ask(QuestionKind.After, SceneLanguage.AfterEach, things, 1), Ask(QuestionKind.Before, SceneLanguage.BeforeEach, things, -1),
        ];
        if (colours)
            all = [.. all, Ask(QuestionKind.Colour, SceneLanguage.ColourOfEach, shapes)];
        return [.. all.Where(question => question.Asked.Count > 0)];

        IEnumerable<int> Once(Func<Sight, string> cue) =>
            Enumerable.Range(0, shown.Count).Where(i => shown.Count(other => cue(other) == cue(shown[i])) == 1);
    }

    /// <summary>Questions whose cue is the event i; none where the cue stands for another event too.</summary>
    private static IEnumerable<OpenQuestion> About(IReadOnlyList<Sight> shown, int i)
    {
        var (sight, thing) = (shown[i], shown[i].Thing);
        OpenQuestion Ask(QuestionKind kind, string question, string answer, int? subject = null) => new(kind, question, answer, subject ?? i, i);
        if (shown.Count(other => other.Fact.Shape == sight.Fact.Shape) == 1)
            yield return Ask(QuestionKind.Colour, SceneLanguage.ColourOf(sight.Fact.Shape), SceneLanguage.ColourAnswer(sight.Fact));
        if (shown.Count(other => other.Word == sight.Word) == 1)
            yield return Ask(QuestionKind.ShownWith, SceneLanguage.ShownWith(sight.Word), SceneLanguage.ThingAnswer(thing));
        if (shown.Count(other => other.Thing == thing) > 1)
            yield break;
        yield return Ask(QuestionKind.Place, SceneLanguage.PlaceOf(thing), SceneLanguage.PlaceAnswer(sight.Fact));
        yield return Ask(QuestionKind.Dots, SceneLanguage.DotsOf(thing), SceneLanguage.DotsAnswer(thing, sight.Number));
        yield return Ask(QuestionKind.Word, SceneLanguage.WordOf(thing), SceneLanguage.WordAnswer(thing, sight.Word));
        yield return Ask(QuestionKind.When, SceneLanguage.WhenIs(thing), SceneLanguage.SpanAnswer(sight.First, sight.Last));
        if (i + 1 < shown.Count)
            yield return Ask(QuestionKind.After, SceneLanguage.After(thing), SceneLanguage.ThingAnswer(shown[i + 1].Thing), i + 1);
        if (i > 0)
            yield return Ask(QuestionKind.Before, SceneLanguage.Before(thing), SceneLanguage.ThingAnswer(shown[i - 1].Thing), i - 1);
    }
}
