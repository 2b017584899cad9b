using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Shared.Preferences.Local;

/// <summary>What an answer in the scene language asserts: things ("red circle"), and a place where it speaks of one thing's place.</summary>
public sealed record SceneClaims(IReadOnlyList<string> Things, string? Place)
{
    /// <summary>Reads "…red circle…", "the circle is red", "…at the left"; text of another world asserts nothing here.</summary>
    public static SceneClaims Of(string answer)
    {
        var words = ContentWords.Of(answer);
        var things = new List<string>();
        for (var i = 0; i + 1 < words.Count; i++)
        {
            if (SceneLanguage.Colours.Contains(words[i]) && SceneLanguage.Shapes.Contains(words[i + 1]))
                things.Add($"{words[i]} {words[i + 1]}");
            else if (SceneLanguage.Shapes.Contains(words[i]) && SceneLanguage.Colours.Contains(words[i + 1])
                && (i + 2 == words.Count || !SceneLanguage.Shapes.Contains(words[i + 2])))
                things.Add($"{words[i + 1]} {words[i]}");
        }
        return new SceneClaims(things, things.Count == 1 ? words.FirstOrDefault(SceneLanguage.Places.Contains) : null);
    }

    /// <summary>True where something is asserted that no caption states.</summary>
    public bool Contradict(IReadOnlyCollection<SceneFact> facts) =>
        Things.Any(thing => facts.All(fact => fact.Thing != thing))
        || (Place is not null && facts.All(fact => fact.Thing != Things[0] || fact.Place != Place));
}
