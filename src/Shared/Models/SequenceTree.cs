namespace Tpo.Shared.Models;

/// <summary>
/// Who sees whom in a cache: one trunk (system prompt and video) and branches behind it (questions with their answers), their tokens' rows
/// in the order of writing, mixed. A token sees the trunk and its own branch up to itself; its position counts along trunk and branch.
/// So any number of questions share one copy of the trunk's keys and values, and one run of the decoder may append to many branches.
/// </summary>
public sealed class SequenceTree
{
    /// <summary>The branch number of the trunk; branches have any other.</summary>
    public const int Trunk = 0;

    private readonly List<int> _branchOfRow = [];
    private readonly Dictionary<int, int> _branchTokens = [];

    /// <summary>Rows of trunk and branches together.</summary>
    public int Rows => _branchOfRow.Count;
    public int TrunkTokens { get; private set; }

    /// <summary>Tokens before a branch's next one: the trunk's and its own.</summary>
    public int Position(int branch) => TrunkTokens + _branchTokens.GetValueOrDefault(branch);

    /// <summary>Appends one row a token, for the branch that it continues, and returns the tokens' positions.</summary>
    /// <exception cref="InvalidOperationException">the trunk is to grow, but branches stand on it</exception>
    public long[] Add(ReadOnlySpan<int> branches)
    {
        var positions = new long[branches.Length];
        for (var i = 0; i < branches.Length; i++)
        {
            positions[i] = Position(branches[i]);
            if (branches[i] != Trunk)
                _branchTokens[branches[i]] = _branchTokens.GetValueOrDefault(branches[i]) + 1;
            else if (_branchTokens.Count == 0)
                TrunkTokens++;
            else
                throw new InvalidOperationException("The shared part cannot grow while questions stand behind it: rewind first.");
            _branchOfRow.Add(branches[i]);
        }
        return positions;
    }

    /// <summary>True where every row sees all rows before it, so that no mask is needed.</summary>
    public bool IsOneSequence => _branchTokens.Count <= 1;

    /// <summary>The mask of the last `newRows` rows, added to attention scores [newRows, Rows]: 0 = seen, −∞ = of another branch.</summary>
    public void Mask(int newRows, Span<float> mask)
    {
        for (var row = 0; row < newRows; row++)
        {
            var line = mask.Slice(row * Rows, Rows);
            var branch = _branchOfRow[Rows - newRows + row];
            line[..TrunkTokens].Clear();
            for (var other = TrunkTokens; other < line.Length; other++)
                line[other] = _branchOfRow[other] == branch ? 0 : float.NegativeInfinity;
        }
    }

    /// <summary>Forgets all branches, and the trunk behind its first `tokens`.</summary>
    public void Rewind(int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, TrunkTokens);
        _branchOfRow.RemoveRange(tokens, Rows - tokens);
        _branchTokens.Clear();
        TrunkTokens = tokens;
    }
}
