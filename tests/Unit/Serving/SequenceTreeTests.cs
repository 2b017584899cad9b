using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

public sealed class SequenceTreeTests
{
    private const float No = float.NegativeInfinity;

    [Fact]
    public void A_token_sees_the_trunk_and_its_own_branch()
    {
        var tree = new SequenceTree();
        Assert.Equal([0L, 1], tree.Add([0, 0]));
        Assert.Equal([2L, 3, 2], tree.Add([1, 1, 2]));
        Assert.Equal([4L, 3], tree.Add([1, 2]));

        var mask = new float[2 * tree.Rows];
        tree.Mask(newRows: 2, mask);
        Assert.Equal([0, 0, 0, 0, No, 0, No], mask[..7]);
        Assert.Equal([0, 0, No, No, 0, No, 0], mask[7..]);
        Assert.Equal((5, 4), (tree.Position(1), tree.Position(2)));
        Assert.Equal(2, tree.Position(3));
    }

    [Fact]
    public void One_branch_alone_needs_no_mask_and_two_do()
    {
        var tree = new SequenceTree();
        tree.Add([0, 0, 1, 1]);
        Assert.True(tree.IsOneSequence);
        tree.Add([2]);
        Assert.False(tree.IsOneSequence);
    }

    [Fact]
    public void Rewinding_forgets_branches_and_as_much_of_the_trunk_as_is_said()
    {
        var tree = new SequenceTree();
        tree.Add([0, 0, 0, 1, 2]);
        tree.Rewind(3);
        Assert.Equal((3, 3, 3), (tree.Rows, tree.TrunkTokens, tree.Position(1)));
        tree.Rewind(1);
        Assert.Equal([1L, 2], tree.Add([0, 7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Rewind(3));
    }

    [Fact]
    public void The_trunk_does_not_grow_under_its_branches()
    {
        var tree = new SequenceTree();
        tree.Add([0, 1]);
        Assert.Contains("rewind first", Assert.Throws<InvalidOperationException>(() => tree.Add([0])).Message);
    }
}
