using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Preferences;

public sealed class DatasetMixTests
{
    [Theory]
    [InlineData(5, 5, 10, 4, 4, 4)]
    [InlineData(5, 5, 3, 9, 3, 3)]
    [InlineData(8, 2, 8, 8, 8, 2)]
    [InlineData(2, 8, 8, 8, 2, 8)]
    [InlineData(5, 5, 6, 0, 6, 0)]
    [InlineData(5, 5, 0, 6, 0, 6)]
    [InlineData(0, 0, 6, 2, 6, 2)]
    public void The_larger_kind_is_cut_to_the_mix_as_far_as_both_exist(int parts, int otherParts, int localized, int comprehensive, int keptLocalized, int keptComprehensive)
    {
        var selected = new DatasetMix(parts, otherParts).Select(Pairs(localized, comprehensive));
        Assert.Equal(
            (keptLocalized, keptComprehensive),
            (selected.Count(pair => pair.Kind == PairKind.Localized), selected.Count(pair => pair.Kind == PairKind.Comprehensive)));
    }

    [Fact]
    public void Order_and_choice_do_not_depend_on_the_order_of_arrival()
    {
        var pairs = Pairs(9, 5);
        var ids = new DatasetMix().Select(pairs).Select(pair => pair.PairId).ToList();
        Assert.Equal(ids, new DatasetMix().Select(pairs.AsEnumerable().Reverse()).Select(pair => pair.PairId));
        Assert.Equal(ids, new DatasetMix().Select(pairs.Concat(pairs)).Select(pair => pair.PairId));
    }

    private static List<PreferencePair> Pairs(int localized, int comprehensive) =>
    [
        .. Enumerable.Range(0, localized).Select(i => Made.Pair(PairKind.Localized, i)),
        .. Enumerable.Range(0, comprehensive).Select(i => Made.Pair(PairKind.Comprehensive, i)),
    ];
}
