namespace Tpo.GpuJob.Model;

/// <summary>One continuation of a shared prefix: tokens that are read, then tokens that are learnt (the answer and its end mark).</summary>
public sealed record Branch(int[] Context, int[] Answer);

/// <summary>
/// One scored token: the row whose hidden state predicts it, its id, and the branch it belongs to; <see cref="Shared"/> for a token of the
/// prefix, which counts for every branch.
/// </summary>
public sealed record AnswerTarget(int Row, int Token, int Branch)
{
    public const int Shared = -1;
}

/// <summary>
/// One prefix (text, video, more text) and several branches behind it, laid out in one row of tokens:
/// <code>before · video · after · branch 0 · branch 1 · …</code>
/// A branch sees the prefix and its own past, never another branch, and its positions go on behind the prefix: the numbers are those of as
/// many separate sequences, for the price of one prefix. The last token of an answer is only predicted, so it is not in the row.
/// </summary>
public sealed class BranchedSequence
{
    private readonly List<int> _ids = [];
    private readonly List<int> _positions = [];
    private readonly List<int> _segments = [];
    private readonly List<AnswerTarget> _targets = [];

    /// <param name="before">token ids in front of the video</param>
    /// <param name="videoTokens">rows the video takes (V); 0 = no video</param>
    /// <param name="after">shared token ids behind the video (for preference pairs the question); may be empty</param>
    /// <param name="branches">at least one; each with a non-empty answer</param>
    /// <param name="learntRows">rows of the prefix, in order and not the first, whose own token is scored too (some published recipes learn
    /// the marks around the turns); none = the answers alone</param>
    public BranchedSequence(int[] before, int videoTokens, int[] after, IReadOnlyList<Branch> branches, IReadOnlyList<int>? learntRows = null)
    {
        if (branches.Count == 0 || branches.Any(branch => branch.Answer.Length == 0))
            throw new ArgumentException("A sequence needs at least one branch, and each branch an answer of at least one token.", nameof(branches));
        (Before, VideoTokens, After, Branches) = (before, videoTokens, after, branches);
        PrefixLength = before.Length + videoTokens + after.Length;
        if (PrefixLength == 0 && branches.Any(branch => branch.Context.Length == 0))
            throw new ArgumentException("An answer's first token needs something in front of it.", nameof(branches));
        Add([.. before, .. new int[videoTokens], .. after], firstPosition: 0, segment: 0);
        foreach (int row in learntRows ?? [])
            AddShared(row);
        for (var index = 0; index < branches.Count; index++)
            AddBranch(branches[index], index);
    }

    public int[] Before { get; }
    public int VideoTokens { get; }
    public int[] After { get; }
    public IReadOnlyList<Branch> Branches { get; }
    public int PrefixLength { get; }
    public int Length => _ids.Count;

    /// <summary>One id a row; 0 where the video's rows go.</summary>
    public IReadOnlyList<int> Ids => _ids;
    public IReadOnlyList<int> Positions => _positions;
    /// <summary>0 = prefix, b + 1 = branch b. Row i sees row j ≤ i where j is in the prefix or in i's own segment.</summary>
    public IReadOnlyList<int> Segments => _segments;
    /// <summary>All scored tokens: the prefix's, then branch after branch, in reading order.</summary>
    public IReadOnlyList<AnswerTarget> Targets => _targets;
    /// <summary>The row from which on the last layer is wanted: the first that predicts a scored token, in the prefix or at its end.</summary>
    public int FirstWanted => Math.Min(PrefixLength, _targets.Min(target => target.Row));

    /// <summary>Scored tokens of the prefix, which are the first of the targets.</summary>
    public int SharedTargets { get; private set; }

    /// <summary>The same prefix with one of the branches alone.</summary>
    public BranchedSequence Only(int branch) =>
        new(Before, VideoTokens, After, [Branches[branch]], [.. Targets.Take(SharedTargets).Select(target => target.Row + 1)]);

    private void AddShared(int row)
    {
        bool text = row < Before.Length || (row >= Before.Length + VideoTokens && row < PrefixLength);
        if (row < 1 || !text)
            throw new ArgumentException($"Row {row} cannot be learnt: it must be a text token of the prefix behind its first row.");
        _targets.Add(new AnswerTarget(row - 1, _ids[row], AnswerTarget.Shared));
        SharedTargets++;
    }

    private void AddBranch(Branch branch, int index)
    {
        int start = _ids.Count;
        for (var k = 0; k < branch.Answer.Length; k++)
        {
            int inside = branch.Context.Length + k - 1;
            _targets.Add(new AnswerTarget(inside < 0 ? PrefixLength - 1 : start + inside, branch.Answer[k], index));
        }
        Add([.. branch.Context, .. branch.Answer[..^1]], PrefixLength, index + 1);
    }

    private void Add(int[] ids, int firstPosition, int segment)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            _ids.Add(ids[i]);
            _positions.Add(firstPosition + i);
            _segments.Add(segment);
        }
    }
}
