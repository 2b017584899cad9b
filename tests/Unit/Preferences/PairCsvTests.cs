using Tpo.Shared.Preferences.Imports;

namespace Tpo.Tests.Unit.Preferences;

public sealed class PairCsvTests
{
    [Fact]
    public void Columns_are_found_by_what_they_mean_whatever_their_order_and_spelling()
    {
        var table = PairCsv.Read("""
            id,Rejected,Video_Path,question,chosen,answer
            7,"He sits,
            then waits.",a/one.mp4,"<image> What does he do?","He ""jumps"".",He jumps.
            """);
        Assert.Empty(table.Problems);
        Assert.Equal(new ImportedPair(1, "a/one.mp4", "What does he do?", "He \"jumps\".", "He sits,\nthen waits.", "He jumps."), Assert.Single(table.Pairs) with { Rejected = table.Pairs[0].Rejected.ReplaceLineEndings("\n") });
    }

    [Fact]
    public void A_row_that_is_no_pair_is_named_with_its_number_and_the_others_stay()
    {
        var table = PairCsv.Read("video,prompt,chosen,rejected\na.mp4,Why?,Red.,Blue.\n,Why?,Red.,Blue.\na.mp4,Why?,Red.,\na.mp4,Why?,The red one,A red one.\n");
        Assert.Equal([1], table.Pairs.Select(pair => pair.Line));
        Assert.Equal(["row 2: names no video.", "row 3: lacks one of the two answers.", "row 4: has the same answer twice."], table.Problems);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("video,prompt,chosen\n", "lacks a column for rejected")]
    [InlineData("video,\"prompt\n", "has no end")]
    public void A_table_that_cannot_be_read_says_why(string text, string why) => Assert.Contains(why, Assert.Single(PairCsv.Read(text).Problems));
}
