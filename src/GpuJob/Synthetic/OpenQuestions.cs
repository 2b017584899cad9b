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

    /// <summary>What one frame alone is asked: its caption first.</summary>
    public static IReadOnlyList<OpenQuestion> AboutFrame(Sight sight) =>
    [
        new(QuestionKind.Caption, SceneLanguage.DescribeFrame, sight.Fact.Caption, 0, 0),
        new(QuestionKind.Clock, SceneLanguage.ReadClock, $"{SceneLanguage.Clock(sight.First)}.", 0, 0),
        .. About([sight], 0).Where(question => question.Kind != QuestionKind.When),
    ];

    /// <summary>Questions about everything shown at once, each event named and answered, in random order: "red star left, blue ring top".</summary>
    public static IReadOnlyList<OpenQuestion> OfEach(IReadOnlyList<Sight> shown, WorldRandom random)
    {
        (int Number, Sight Sight)[] things = [.. shown.Index().Where(one => shown.Count(other => other.Thing == one.Item.Thing) == 1)];
        (int Number, Sight Sight)[] words = [.. shown.Index().Where(one => shown.Count(other => other.Word == one.Item.Word) == 1)];
        OpenQuestion Ask(QuestionKind kind, string question, IEnumerable<(int Number, Sight Sight)> asked, Func<(int Number, Sight Sight), string> answer) =>
            new(kind, question, string.Join(", ", random.Shuffled(asked).Select(answer)), 0, 0);
        OpenQuestion[] all =
        [
            Ask(QuestionKind.Place, SceneLanguage.WhereIsEach, things, one => $"{one.Sight.Thing} {one.Sight.Fact.Place}"),
            Ask(QuestionKind.Dots, SceneLanguage.DotsOfEach, things, one => $"{one.Sight.Thing} {one.Sight.Number}"),
            Ask(QuestionKind.Word, SceneLanguage.WordOfEach, things, one => $"{one.Sight.Thing} {one.Sight.Word}"),
            Ask(QuestionKind.When, SceneLanguage.WhenIsEach, things, one => $"{one.Sight.Thing} {SceneLanguage.Clock(one.Sight.First)}"),
            Ask(QuestionKind.ShownWith, SceneLanguage.ShownWithEach, words, one => $"{one.Sight.Word} {one.Sight.Thing}"),
            Ask(QuestionKind.After, SceneLanguage.AfterEach, things.Where(one => one.Number + 1 < shown.Count), one => $"{one.Sight.Thing} {shown[one.Number + 1].Thing}"),
            Ask(QuestionKind.Before, SceneLanguage.BeforeEach, things.Where(one => one.Number > 0), one => $"{one.Sight.Thing} {shown[one.Number - 1].Thing}"),
        ];
        return [.. all.Where(question => question.Answer.Length > 0)];
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
