using System.Globalization;
using System.Text.Json;

namespace Tpo.Shared.Preferences;

/// <summary>
/// Everything that decides what a unit of work makes, by name. Its hash is part of the name of the blob that is made, so a blob that exists is that very work; the
/// values, or their hashes where they are long, lie in the blob's metadata, so that work which is done again can say why.
/// </summary>
public sealed record WorkInputs(params IReadOnlyList<(string Name, string Value)> Values)
{
    /// <summary>The name of the metadata.</summary>
    public const string Metadata = "inputs";
    private const int LongValue = 60;

    public string Hash => PairIds.Hash(Values.SelectMany(input => new[] { input.Name, input.Value }));

    /// <summary>For storage, which takes ASCII alone.</summary>
    public Dictionary<string, string> ToMetadata() => new() { [Metadata] = JsonSerializer.Serialize(Values.ToDictionary(input => input.Name, input => Short(input.Value))) };

    /// <summary>A sentence about what is different from the inputs of earlier work.</summary>
    /// <param name="metadata">of the earlier blob; null = it has none</param>
    public string ChangeSince(string? metadata)
    {
        if (metadata is null || JsonSerializer.Deserialize<Dictionary<string, string>>(metadata) is not { } before)
            return "what was made earlier does not say of what";
        var changes = Values.Where(input => before.GetValueOrDefault(input.Name) != Short(input.Value))
            .Select(input => Short(input.Value) == input.Value && before.GetValueOrDefault(input.Name) is { } old ? $"{input.Name} is {input.Value}, was {old}" : $"{input.Name} changed");
        return string.Join("; ", changes);
    }

    /// <summary>Many values as one.</summary>
    public static string Of<T>(IEnumerable<T> values) => string.Join(' ', values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}")));

    private static string Short(string value) => value.Length <= LongValue ? value : $"#{PairIds.Hash(value)}";
}
