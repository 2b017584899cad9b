using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

public enum QuestionKind
{
    Caption, Colour, Place, After, Before, First, Last, List,
}

/// <summary>A question with its true answer; `Subject` is the index, among the facts shown, of the one that the answer names.</summary>
public sealed record OpenQuestion(QuestionKind Kind, string Question, string Answer, int Subject);

/// <summary>Every open question of the world's language that the facts shown, in order, answer without doubt.</summary>
public static class OpenQuestions
{
    public static IReadOnlyList<OpenQuestion> About(IReadOnlyList<SceneFact> shown)
    {
        var questions = new List<OpenQuestion>
        {
            new(QuestionKind.List, SceneLanguage.ListInOrder, SceneLanguage.ListAnswer(shown.Select(fact => fact.Thing)), 0),
            new(QuestionKind.First, SceneLanguage.ShownFirst, SceneLanguage.ThingAnswer(shown[0].Thing), 0),
            new(QuestionKind.Last, SceneLanguage.ShownLast, SceneLanguage.ThingAnswer(shown[^1].Thing), shown.Count - 1),
        };
        for (var i = 0; i < shown.Count; i++)
        {
            var fact = shown[i];
            if (shown.Count(other => other.Shape == fact.Shape) == 1)
                questions.Add(new(QuestionKind.Colour, SceneLanguage.ColourOf(fact.Shape), SceneLanguage.ColourAnswer(fact), i));
            questions.Add(new(QuestionKind.Place, SceneLanguage.PlaceOf(fact.Thing), SceneLanguage.PlaceAnswer(fact), i));
            if (i + 1 < shown.Count)
                questions.Add(new(QuestionKind.After, SceneLanguage.After(fact.Thing), SceneLanguage.ThingAnswer(shown[i + 1].Thing), i + 1));
            if (i > 0)
                questions.Add(new(QuestionKind.Before, SceneLanguage.Before(fact.Thing), SceneLanguage.ThingAnswer(shown[i - 1].Thing), i - 1));
        }
        return questions;
    }

    public static OpenQuestion Caption(SceneFact fact) => new(QuestionKind.Caption, SceneLanguage.DescribeFrame, fact.Caption, 0);
}
