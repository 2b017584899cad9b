using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Tpo.Shared.Preferences.LanguageModel;

/// <summary>
/// One file of `Prompts/`: a system and a user part with {{slots}}. Its version is in its name and its hash in its id, so a changed prompt
/// never passes for the old one.
/// </summary>
public sealed partial class PromptFile
{
    private readonly string _system;
    private readonly string _user;

    private PromptFile(string name, string text)
    {
        var parts = text.Split("# user\n", 2);
        if (parts.Length != 2 || !parts[0].StartsWith("# system\n", StringComparison.Ordinal))
            throw new InvalidDataException($"The prompt '{name}' must have a '# system' part and a '# user' part.");
        (_system, _user) = (parts[0]["# system\n".Length..].Trim(), parts[1].Trim());
        Id = $"{name}#{PairIds.Hash(text)[..8]}";
    }

    public string Id { get; }

    public static PromptFile Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Prompts/{name}.md")
            ?? throw new FileNotFoundException($"There is no prompt '{name}.md' in src/Shared/Preferences/Prompts.");
        using var reader = new StreamReader(stream);
        return new PromptFile(name, reader.ReadToEnd().ReplaceLineEndings("\n"));
    }

    /// <summary>The messages with every slot filled; a value can neither close its fence nor open another slot.</summary>
    public IReadOnlyList<ChatMessage> Fill(IReadOnlyDictionary<string, string> slots)
    {
        var user = SlotPattern().Replace(_user, slot => slots.TryGetValue(slot.Groups[1].Value, out var value)
            ? value.Replace('<', '‹').Replace('>', '›')
            : throw new ArgumentException($"The prompt '{Id}' has a slot '{slot.Groups[1].Value}' that nobody filled."));
        return [new ChatMessage(ChatRole.System, _system), new ChatMessage(ChatRole.User, user)];
    }

    [GeneratedRegex(@"\{\{([a-z0-9]+)\}\}")]
    private static partial Regex SlotPattern();
}
