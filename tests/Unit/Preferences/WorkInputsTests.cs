using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Preferences;

public sealed class WorkInputsTests
{
    private static readonly WorkInputs Before = new(("model", "nano@1"), ("frames", string.Join(' ', Enumerable.Range(0, 100))), ("seed", "7"));

    [Fact]
    public void The_same_inputs_have_the_same_hash_and_any_other_another()
    {
        Assert.Equal(Before.Hash, new WorkInputs([.. Before.Values]).Hash);
        Assert.NotEqual(Before.Hash, new WorkInputs([.. Before.Values.Select(input => input.Name == "seed" ? ("seed", "8") : input)]).Hash);
        Assert.NotEqual(new WorkInputs(("a", "b c")).Hash, new WorkInputs(("a b", "c")).Hash);
    }

    [Fact]
    public void What_changed_is_said_by_name_with_both_values_where_they_are_short()
    {
        var now = new WorkInputs(("model", "nano@2"), ("frames", string.Join(' ', Enumerable.Range(1, 100))), ("seed", "7"), ("prompt", "p@1"));
        Assert.Equal("model is nano@2, was nano@1; frames changed; prompt changed", now.ChangeSince(Before.ToMetadata()[WorkInputs.Metadata]));
        Assert.Equal("what was made earlier does not say of what", now.ChangeSince(null));
    }

    [Fact]
    public void Metadata_is_short_and_plain_whatever_the_values_are()
    {
        var metadata = new WorkInputs(("text", new string('é', 5000)), ("name", "Zoë\n\"x\"")).ToMetadata()[WorkInputs.Metadata];
        Assert.All(metadata, letter => Assert.InRange(letter, ' ', '~'));
        Assert.InRange(metadata.Length, 10, 200);
    }
}
