using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>Questions side by side on one copy of the video compute what each computes alone.</summary>
public sealed class BranchTests : IDisposable
{
    private const double Rounding = 1e-5;

    private readonly RandomCheckpoint _checkpoint = new();
    private readonly CheckpointConfig _config;
    private readonly Decoder _decoder;
    private readonly TextEmbedder _text;
    private readonly float[] _video;
    private readonly int[][] _questions = [[5, 6, 7], [90, 91, 92, 93, 94, 95, 96], [40], [5, 6, 8]];

    public BranchTests()
    {
        _config = CheckpointConfig.Load(_checkpoint.Folder);
        var exported = ExportedModel.Open(_checkpoint.Folder);
        _decoder = new Decoder(exported, _config, new ServingOptions());
        _text = new TextEmbedder(exported, new ServingOptions());
        using var vision = new VisionEncoder(exported, _config, new ServingOptions());
        _video = vision.Encode(RandomCheckpoint.Frames(8), default);
    }

    [Fact]
    public void Every_token_of_every_branch_has_the_logits_it_has_alone()
    {
        using var together = Trunk(capacity: 200);
        // Written in an order that mixes them: first tokens of all, then the rest of each, then one more each in one run.
        _decoder.Append(together, _text.Embed([.. _questions.Select(question => question[0])]), [1, 2, 3, 4], [0, 1, 2, 3], default);
        for (var i = 0; i < _questions.Length; i++)
            if (_questions[i].Length > 1)
                _decoder.Append(together, _text.Embed(_questions[i][1..]), default, branch: i + 1);
        var found = _decoder.Append(together, _text.Embed([11, 12, 13, 14]), [1, 2, 3, 4], [0, 1, 2, 3], default).Chunk(_config.VocabularySize).ToArray();

        for (var i = 0; i < _questions.Length; i++)
        {
            using var alone = Trunk(capacity: 100);
            var expected = _decoder.Append(alone, _text.Embed([.. _questions[i], 11 + i]), default);
            Assert.True(GoldenModel.Distance(expected, found[i]) < Rounding, $"branch {i + 1}");
        }
        Assert.True(GoldenModel.Distance(found[0], found[3]) > 0.01, "different questions must not get the same logits");
    }

    [Fact]
    public void Long_openings_cut_into_pieces_keep_every_wanted_row()
    {
        int[][] openings = [[.. Enumerable.Range(0, 200)], [.. Enumerable.Range(0, 150).Select(i => i * 2 % 250)], [3]];
        using var together = Trunk(capacity: 500);
        var found = _decoder.Append(together, _text.Embed([.. openings.SelectMany(ids => ids)]),
            [.. openings.SelectMany((ids, i) => Enumerable.Repeat(i + 1, ids.Length))], [199, 349, 350], default).Chunk(_config.VocabularySize).ToArray();
        Assert.True(openings.Sum(ids => ids.Length) > Decoder.PieceTokens, "the openings must not fit into one piece");
        for (var i = 0; i < openings.Length; i++)
        {
            using var alone = Trunk(capacity: 300);
            Assert.True(GoldenModel.Distance(_decoder.Append(alone, _text.Embed(openings[i]), default), found[i]) < Rounding, $"branch {i + 1}");
        }
    }

    [Fact]
    public void A_cache_that_grows_keeps_what_is_written()
    {
        using var small = Trunk(capacity: _video.Length / _config.HiddenSize);
        Assert.Contains("do not fit", Assert.Throws<InvalidOperationException>(() => _decoder.Append(small, _text.Embed([1]), default)).Message);
        Assert.True(small.TryEnsureCapacity(small.Capacity + 40));
        using var large = Trunk(capacity: 200);
        Assert.Equal(_decoder.Append(large, _text.Embed([1, 2, 3]), default), _decoder.Append(small, _text.Embed([1, 2, 3]), default));
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _text.Dispose();
        _checkpoint.Dispose();
    }

    private KeyValueCache Trunk(int capacity)
    {
        var cache = _decoder.NewCache(capacity);
        _decoder.Append(cache, _video, default);
        return cache;
    }
}
