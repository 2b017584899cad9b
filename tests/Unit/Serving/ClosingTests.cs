using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>A model is closed under nobody's hands, and holds nothing when it is closed or could not be opened.</summary>
public sealed class ClosingTests : IDisposable
{
    private static readonly GenerationOptions Long = new(MaxNewTokens: 300, Temperature: 1);

    private readonly RandomCheckpoint _checkpoint = new();

    [Fact]
    public async Task Closing_waits_for_the_one_who_computes_and_tells_those_who_wait()
    {
        var model = Load();
        var frames = RandomCheckpoint.Frames(4);
        var expected = await model.AnswerAsync(frames, ["What is shown first?"], Long);
        var computing = model.AnswerAsync(frames, ["What is shown first?"], Long);
        var waiting = Enumerable.Range(0, 3).Select(_ => model.AnswerAsync(frames, ["And then?"], Long)).ToArray();
        var closing = Task.Run(model.Dispose);
        Assert.Equal(expected[0].Tokens, (await computing)[0].Tokens);
        await closing;
        foreach (var caller in waiting)
        {
            // Whose turn came before the closing has an answer; nobody hangs, and nobody computes with a closed model.
            if (await Record.ExceptionAsync(() => caller.WaitAsync(TimeSpan.FromMinutes(1))) is { } told)
                Assert.IsType<ObjectDisposedException>(told);
        }
    }

    [Fact]
    public async Task A_closed_model_says_so_and_closes_once_only()
    {
        var model = Load();
        model.Dispose();
        model.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.AnswerAsync(RandomCheckpoint.Frames(1), ["What is shown?"], Long));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.ScoreAsync(RandomCheckpoint.Frames(1), "What is shown?", ["A"]));
    }

    [Fact]
    public void A_model_that_cannot_be_opened_whole_keeps_no_weights()
    {
        using (Load())
            Assert.True(HoldsWeights());
        Assert.False(HoldsWeights());
        File.WriteAllText(Path.Combine(_checkpoint.Folder, OnnxGraphs.Folder, OnnxGraphs.Decoder), "no graph");
        Assert.ThrowsAny<Exception>(Load);
        Assert.False(HoldsWeights());
    }

    public void Dispose() => _checkpoint.Dispose();

    private VideoLanguageModel Load() => VideoLanguageModel.Load(_checkpoint.Folder, "random");

    private bool HoldsWeights() => File.ReadLines("/proc/self/maps").Any(line => line.Contains(_checkpoint.Folder, StringComparison.Ordinal));
}
